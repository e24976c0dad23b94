import type { Bundle } from '../api';
import { followPlace, placeWithin } from '../device/place';
import { type Instant, instant } from '../store/clock';
import { db, type LoggedEvent } from '../store/db';
import { forgetOwn, keepOwn, own } from '../store/kept';
import { record } from '../store/log';
import { sync } from '../sync/engine';
import { forgetTap, keptTaps, type Tap } from '../tap';
import { ms } from '../text/when';
import { pointOfText } from './tags';

const ROUNDS_WITHIN_MS = 6000;
const PLACE_WITHIN_MS = 4000;

export async function startRound(roundId: number, at: Instant = instant()): Promise<void> {
  await record('round_started', { round_id: roundId }, at);
  await keepOwn('active_round', { id: roundId, started_ms: Date.now() });
}

export async function finishRound(roundId: number, signature: string | null): Promise<void> {
  await record('round_finished', { round_id: roundId, signature });
  const active = await own('active_round');
  if (active?.id === roundId) await forgetOwn('active_round');
}

interface Scanned {
  roundId: number | null;
  /** What the app believes was scanned; the server finds out from the text. */
  pointId: number | null;
  how: 'camera' | 'nfc' | 'address' | 'photo';
  text: string;
  reason?: string;
  photoIds?: string[];
}

const LONGEST_TEXT = 2000;

export function recordScan(scan: Scanned, at?: Instant): Promise<LoggedEvent> {
  const { roundId, pointId, how, text, reason = null, photoIds = [] } = scan;
  return record(
    'scan',
    {
      round_id: roundId,
      checkpoint_id: pointId,
      how,
      text: text.slice(0, LONGEST_TEXT),
      reason,
      photo_ids: photoIds,
    },
    at,
  );
}

/**
 * Makes each kept tap into a scan; gives the last.
 *
 * The person's rounds are waited for a moment, so that the scan finds its round even in a browser that
 * has just been logged in; the tap itself is safe meanwhile. A tap is forgotten only after its scan is
 * written. Closing the app in between would record it twice, so a scan of the same instant is looked for first.
 */
export async function recordTaps(): Promise<LoggedEvent | null> {
  const taps = await keptTaps();
  if (taps.length)
    await Promise.race([sync(), new Promise((resolve) => setTimeout(resolve, ROUNDS_WITHIN_MS))]);
  let last: LoggedEvent | null = null;
  for (const tap of taps) {
    last = (await scanOf(tap)) ?? (await recordTap(tap));
    await forgetTap(tap.id);
  }
  return last;
}

function scanOf({ wall_ms, boot, address }: Tap): Promise<LoggedEvent | undefined> {
  return db.events
    .where('kind')
    .equals('scan')
    .filter(({ event }) => event.boot === boot && event.wall_ms === wall_ms && event.payload.text === address)
    .first();
}

async function recordTap({ wall_ms, mono_ms, boot, address }: Tap): Promise<LoggedEvent> {
  const bundle = (await own('bundle'))?.bundle;
  const point = pointOfText(bundle, address);
  const at = { wall_ms, mono_ms, boot };
  const active = (await own('active_round'))?.id ?? null;
  const roundId = active ?? roundAt(bundle, point?.id ?? null, wall_ms);
  if (roundId !== null && active === null) await startRound(roundId, at);
  if (roundId !== null) {
    // an address can be passed on; that the phone is there speaks for it
    followPlace('round');
    await placeWithin(PLACE_WITHIN_MS);
  }
  const scan = { roundId, pointId: point?.id ?? null, how: 'address' as const, text: address };
  return recordScan(scan, at);
}

/** Whoever only taps tags never presses Start: the round that wants this point now is meant. */
function roundAt(bundle: Bundle | undefined, pointId: number | null, at: number): number | null {
  const due = (bundle?.rounds ?? []).filter(
    (round) =>
      ms(round.starts_at) <= at &&
      at <= ms(round.window_ends_at) &&
      round.legs.some((leg) => leg.checkpoint_id === pointId && !leg.done),
  );
  return (due.find((round) => round.state === 'started') ?? due[0])?.id ?? null;
}
