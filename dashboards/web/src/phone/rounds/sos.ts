import { useEffect, useState } from 'react';
import type { SosCall } from '../api';
import { askJson } from '../server';

const EVERY_MS = 4000;

/** Who has seen the call, asked every few seconds while it is open and the server has it. */
export function useSosState(eventId: string, isSent: boolean): SosCall | null {
  const [state, setState] = useState<SosCall | null>(null);
  useEffect(() => {
    if (!isSent) return;
    const look = () =>
      askJson<{ items: SosCall[] }>('/api/v1/patrol/sos')
        .then(({ items }) => setState(items.find((one) => one.event_id === eventId) ?? null))
        .catch(() => undefined);
    void look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [eventId, isSent]);
  return state;
}
