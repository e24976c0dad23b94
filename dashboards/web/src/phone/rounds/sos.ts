import { useEffect } from 'react';
import type { SosCall } from '../api';
import { call } from '../device/sound';
import { askJson } from '../server';
import { db, useStored } from '../store/db';
import { keepOwn, type OpenSos, own } from '../store/kept';
import { onChanged } from '../sync/live';

const EVERY_MS = 4000;

/** The person's open call for help, as far as this phone knows; null: none, undefined: being read. */
export function useSos(): OpenSos | null | undefined {
  return useStored(() => own('sos').then((one) => one ?? null), []);
}

/** Whether the server has the call. */
export function useIsSent(eventId: string | undefined): boolean {
  const logged = useStored(
    () =>
      db.events
        .where('id')
        .equals(eventId ?? '')
        .first(),
    [eventId],
  );
  return logged?.state === 'sent';
}

/**
 * Asks who has seen the open call, on whatever screen; what comes is kept, heard and felt once.
 *
 * The phone may be in a pocket, and without signal again when it is taken out.
 */
export function useSosWatch(): void {
  const open = useSos();
  const isSent = useIsSent(open?.id);
  const id = open?.id;
  const isOver = open?.state === 'closed';
  useEffect(() => {
    if (!id || !isSent || isOver) return;
    const look = () =>
      askJson<{ items: SosCall[] }>('/api/v1/patrol/sos')
        .then(({ items }) =>
          learn(
            id,
            items.find((one) => one.event_id === id),
          ),
        )
        .catch(() => undefined);
    void look();
    const leave = onChanged('sos', () => void look());
    const timer = setInterval(look, EVERY_MS);
    return () => {
      clearInterval(timer);
      leave();
    };
  }, [id, isSent, isOver]);
}

/** The server's word on the call: not on the list any more means that it was closed. */
async function learn(id: string, found: SosCall | undefined): Promise<void> {
  const open = await own('sos');
  if (open?.id !== id) return;
  const state = !found ? 'closed' : found.acknowledged_by ? 'seen' : undefined;
  if (!state || state === open.state) return;
  const by = found?.acknowledged_by ?? open.by;
  await keepOwn('sos', { ...open, state, by, at: found?.acknowledged_at ?? open.at });
  call();
}
