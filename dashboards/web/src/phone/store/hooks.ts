import { useEffect, useState } from 'react';
import type { Bundle, Checkpoint, Round } from '../api';
import { useWho } from '../who';
import { db, type LoggedEvent, useStored } from './db';
import { own } from './kept';

/**
 * What the server last gave this person for the shift; null: nothing yet, undefined: being read.
 *
 * A round of the team that somebody else began on this phone is theirs, also while the server does not know.
 */
export function useBundle(): { bundle: Bundle; at_ms: number } | null | undefined {
  const id = useWho()?.person.id;
  return useStored(async () => {
    const found = await own('bundle', id);
    if (!found) return null;
    const begun = await db.events.where('kind').equals('round_started').toArray();
    const taken = new Set(begun.filter((one) => one.user_id !== id).map((one) => one.event.payload.round_id));
    const rounds = found.bundle.rounds.filter((round) => round.user_id === id || !taken.has(round.id));
    return { bundle: { ...found.bundle, rounds }, at_ms: (await own('bundle_at_ms', id)) ?? 0 };
  }, [id]);
}

/** What the person who holds the phone recorded on it. */
export function useEvents(): LoggedEvent[] {
  const id = useWho()?.person.id;
  return (
    useStored(
      () =>
        db.events
          .orderBy('seq')
          .filter((one) => one.user_id === id)
          .toArray(),
      [id],
    ) ?? NONE
  );
}

const NONE: LoggedEvent[] = [];

export function findRound(bundle: Bundle, id: number | null): Round | null {
  return bundle.rounds.find((round) => round.id === id) ?? null;
}

export function findPoint(bundle: Bundle, id: number | null): Checkpoint | null {
  return bundle.checkpoints.find((point) => point.id === id) ?? null;
}

/** How many of this phone's records the server does not have yet; undefined: being counted. */
export function useUnsent(): number | undefined {
  return useStored(
    async () =>
      (await db.events.where('state').notEqual('sent').count()) +
      (await db.photos.where('state').notEqual('sent').count()),
    [],
  );
}

/** The time now, again every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** The address of a stored picture while it is shown, or null. */
export function useBlobUrl(blob: Blob | null | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!(blob instanceof Blob)) return setUrl(null);
    const made = URL.createObjectURL(blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return url;
}
