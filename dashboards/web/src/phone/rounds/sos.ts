import { useEffect, useState } from 'react';
import { askJson } from '../server';

export interface SosState {
  acknowledged_at: string | null;
  acknowledged_by: string | null;
}

interface Call extends SosState {
  event_id: string;
}

const EVERY_MS = 4000;

/** Who has seen the call, asked every few seconds while it is open and the server has it. */
export function useSosState(eventId: string, isSent: boolean): SosState | null {
  const [state, setState] = useState<SosState | null>(null);
  useEffect(() => {
    if (!isSent) return;
    const look = () =>
      askJson<{ items: Call[] }>('/api/v1/patrol/sos')
        .then(({ items }) => setState(items.find((one) => one.event_id === eventId) ?? null))
        .catch(() => undefined);
    void look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }, [eventId, isSent]);
  return state;
}
