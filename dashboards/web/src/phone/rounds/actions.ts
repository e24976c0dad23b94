import type { Bundle, Checkpoint } from '../api';
import type { Instant } from '../store/clock';
import { db, type LoggedEvent } from '../store/db';
import { forget, keep, kept } from '../store/kept';
import { record } from '../store/log';
import { forgetTap, keptTaps } from '../tap';

export async function startRound(roundId: number): Promise<void> {
  await record('round_started', { round_id: roundId });
  await keep('active_round', { id: roundId, started_ms: Date.now() });
}

export async function finishRound(roundId: number, signature: string | null): Promise<void> {
  await record('round_finished', { round_id: roundId, signature });
  const active = await kept('active_round');
  if (active?.id === roundId) await forget('active_round');
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
 * Makes each kept tap into a scan of the round being walked; gives the last.
 *
 * A tap is forgotten only after its scan is written. Closing the app in between would record it
 * twice, so a scan of the same instant is looked for first.
 */
export async function recordTaps(): Promise<LoggedEvent | null> {
  let last: LoggedEvent | null = null;
  for (const tap of await keptTaps()) {
    const { wall_ms, mono_ms, boot } = tap;
    const known = await db.events
      .where('kind')
      .equals('scan')
      .filter(
        ({ event }) => event.boot === boot && event.wall_ms === wall_ms && event.payload.text === tap.address,
      )
      .first();
    const roundId = (await kept('active_round'))?.id ?? null;
    const pointId = pointOfText((await kept('bundle'))?.bundle, tap.address)?.id ?? null;
    const scan = { roundId, pointId, how: 'address' as const, text: tap.address };
    last = known ?? (await recordScan(scan, { wall_ms, mono_ms, boot }));
    await forgetTap(tap.id);
  }
  return last;
}

/** The code in a tag's address (`/t/` and a code, on any host); null for any other text. */
export function codeOf(text: string): string | null {
  try {
    const { pathname, protocol } = new URL(text.trim());
    const found = /^\/t\/([A-Za-z0-9]{4,64})\/?$/.exec(pathname);
    return /^https?:$/.test(protocol) && found?.[1] ? found[1].toLowerCase() : null;
  } catch {
    return null;
  }
}

/** The point a text belongs to, as far as this phone knows; the server finds out for itself. */
export function pointOfText(bundle: Bundle | undefined, text: string): Checkpoint | null {
  const code = codeOf(text);
  return (code && bundle?.checkpoints.find((point) => point.tag_codes.includes(code))) || null;
}
