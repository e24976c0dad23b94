import { useEffect } from 'react';
import { call } from './device/sound';
import { useStored } from './store/db';
import { kept } from './store/kept';

const AHEAD_MS = 60_000;
const AGAIN_MS = 15_000;

/** Calls out loud, on every screen, when a person who works alone has to confirm. */
export function useTimers(): void {
  const lone = useStored(() => kept('lone').then((one) => one ?? null), []);
  useEffect(() => {
    if (!lone) return;
    const timer = setInterval(() => {
      if (Date.now() > lone.due_ms - AHEAD_MS) call();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [lone]);
}
