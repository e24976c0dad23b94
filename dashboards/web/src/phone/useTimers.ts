import { useEffect } from 'react';
import { allowSound, call } from './device/sound';
import { useStored } from './store/db';
import { own } from './store/kept';

const AHEAD_MS = 60_000;
const AGAIN_MS = 15_000;

/** Calls out loud, on every screen, when a person who works alone has to confirm. */
export function useTimers(): void {
  useEffect(() => {
    // browsers stay silent until the first press; a call must not have to wait for it
    window.addEventListener('pointerdown', allowSound, { once: true });
    return () => window.removeEventListener('pointerdown', allowSound);
  }, []);
  const lone = useStored(() => own('lone').then((one) => one ?? null), []);
  useEffect(() => {
    if (!lone) return;
    const timer = setInterval(() => {
      if (Date.now() > lone.due_ms - AHEAD_MS) call();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [lone]);
}
