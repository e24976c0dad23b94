import { tell } from '@/ui/toasts';
import { batteryPercent } from '../device/battery';
import { placeNow } from '../device/place';
import { phrases } from '../text/phrases';
import { who } from '../who';
import { type EventBody, FIRST_PREV, type Place, type Plain, seal, wellFormed } from './chain';
import { type Instant, instant } from './clock';
import { db, type LoggedEvent } from './db';
import { deviceId, kept, own } from './kept';
import { isFull, withRoom } from './room';

export const APP_VERSION = '0.1.0';

const appended = new Set<() => void>();

/** Told after each new event, so that it can be sent at once. */
export function onAppended(listener: () => void): void {
  appended.add(listener);
}

/**
 * Writes one event at the end of this phone's chain and gives it back.
 *
 * The hash is computed outside of the transaction, because IndexedDB ends a transaction that waits
 * for anything else; if another tab was quicker, its event comes first and ours is sealed again.
 * Where the phone's storage is full for good the person is told, and it is thrown.
 * @param at when it happened, if that was before now (a tag that was tapped before the log-in)
 */
export async function record(
  kind: string,
  payload: Record<string, Plain>,
  at: Instant = instant(),
): Promise<LoggedEvent> {
  const person = who();
  if (!person) throw new Error('nobody is logged in');
  const facts = {
    id: crypto.randomUUID(),
    device_id: await deviceId(),
    kind,
    wall_ms: at.wall_ms,
    mono_ms: at.mono_ms,
    boot: at.boot,
    ...(await serverSeen(at)),
    place: (await own('active_round')) || kind === 'sos' ? placeAt(at) : null,
    battery_percent: await batteryPercent(),
    app: APP_VERSION,
    user_id: person.person.id,
    payload: tidy(payload) as Record<string, Plain>,
  };
  for (;;) {
    const logged = await withRoom(() => append(facts)).catch((error: unknown) => {
      if (isFull(error)) tell(phrases().failure.notKept);
      throw error;
    });
    if (!logged) continue;
    for (const listener of appended) listener();
    return logged;
  }
}

/** Where the phone is now; for what happened earlier, that fix is older by as much. */
function placeAt(at: Instant): Place | null {
  const place = placeNow();
  const since = Math.max(0, Date.now() - at.wall_ms);
  return place && { ...place, age_ms: place.age_ms + since };
}

async function append(facts: Omit<EventBody, 'seq' | 'prev'>): Promise<LoggedEvent | null> {
  const before = await db.events.orderBy('seq').last();
  const seq = (before?.seq ?? 0) + 1;
  const event = await seal({ ...facts, seq, prev: before?.event.hash ?? FIRST_PREV });
  const { id, kind, user_id } = facts;
  const logged: LoggedEvent = {
    seq,
    id,
    kind,
    user_id,
    event,
    state: 'waiting',
    verdict: null,
    sent_ms: null,
  };
  return db.transaction('rw', db.events, async () => {
    if ((await db.events.orderBy('seq').last())?.seq !== before?.seq) return null;
    await db.events.add(logged);
    return logged;
  });
}

async function serverSeen(at: Instant) {
  const seen = await kept('server_seen');
  const isSameBoot = seen?.boot === at.boot;
  if (!seen || (isSameBoot && seen.mono_ms > at.mono_ms))
    return { server_seen_ms: null, server_seen_mono_ms: null };
  return { server_seen_ms: seen.server_ms, server_seen_mono_ms: isSameBoot ? seen.mono_ms : null };
}

/** Typed text may hold half characters; everything else is whole numbers already. */
function tidy(value: Plain): Plain {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), tidy(inner)]));
}
