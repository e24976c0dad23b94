import type { SyncAnswer } from '../api';
import { Refused } from '../server';
import { db, type LoggedEvent, type Verdict } from '../store/db';
import { MOST_EVENTS, nextBatch } from './batches';

/** Sends one batch; given from outside so that the order of things can be tested without a network. */
export type Post = (batch: LoggedEvent[]) => Promise<SyncAnswer>;

const UNREADABLE = new Set([400, 413, 422]);

/**
 * Sends the waiting events, oldest first, and writes down what the server made of each.
 *
 * An event is marked sent only when the server has answered for it by its id, so an answer that got
 * lost means the same event again, which the server knows. A batch that the server cannot read is
 * halved until the one bad event is alone; that one is set aside, kept and shown. Every other failure
 * is thrown and leaves all as it was.
 */
export async function sendEvents(post: Post): Promise<number> {
  let sent = 0;
  let most = MOST_EVENTS;
  for (;;) {
    const waiting = await db.events.where('state').equals('waiting').sortBy('seq');
    const batch = nextBatch(waiting, most);
    if (!batch.length) return sent;
    try {
      const done = await writeDown(batch, await post(batch));
      if (!done) throw new Refused(502, 'no_results', '');
      sent += done;
      most = MOST_EVENTS;
    } catch (error) {
      if (!(error instanceof Refused) || !UNREADABLE.has(error.status)) throw error;
      if (batch.length === 1) await setAside(batch[0], error);
      most = Math.max(1, Math.floor(batch.length / 2));
    }
  }
}

async function writeDown(batch: LoggedEvent[], answer: SyncAnswer): Promise<number> {
  const bySent = new Map(batch.map((one) => [one.id, one.seq]));
  const sent_ms = Date.now();
  const results = answer.results.filter((result) => bySent.has(result.id));
  await db.transaction('rw', db.events, async () => {
    for (const result of results) {
      const verdict: Verdict = {
        status: result.status,
        code: result.code ?? null,
        message: result.message ?? null,
        strength: result.strength ?? null,
        reasons: result.reasons ?? [],
      };
      await db.events.update(bySent.get(result.id) ?? -1, { state: 'sent', verdict, sent_ms });
    }
  });
  return results.length;
}

async function setAside(logged: LoggedEvent | undefined, error: Refused): Promise<void> {
  if (!logged) return;
  const message = { en: error.message, zh: error.message };
  const verdict: Verdict = {
    status: 'refused',
    code: error.code,
    message,
    strength: null,
    reasons: [],
  };
  await db.events.update(logged.seq, { state: 'stuck', verdict });
}
