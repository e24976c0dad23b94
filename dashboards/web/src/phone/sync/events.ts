import type { SyncAnswer } from '../api';
import { Refused } from '../server';
import type { LoggedEvent, Verdict } from '../store/db';
import { MOST_EVENTS, nextBatch } from './batches';

/** Sends one batch. */
export type Post = (batch: LoggedEvent[]) => Promise<SyncAnswer>;

/** What waits on this phone: read in order, and written down when the server has answered. */
export interface Outbox {
  /** Events the server has not answered for, oldest first. */
  waiting(): Promise<LoggedEvent[]>;
  /** The server has these; by `seq`. */
  sent(verdicts: Map<number, Verdict>): Promise<void>;
  /** The server cannot read it: it is kept and shown, and no longer stands in the way of the others. */
  setAside(seq: number, verdict: Verdict): Promise<void>;
}

const UNREADABLE = new Set([400, 413, 422]);

/**
 * Sends the waiting events, oldest first, and writes down what the server made of each; gives how many.
 *
 * An event is marked sent only when the server has answered for it by its id, so an answer that got
 * lost means the same event again, which the server knows. A batch that the server cannot read is
 * halved until the one bad event is alone; that one is set aside. Every other failure is thrown and
 * leaves all as it was.
 */
export async function sendEvents(outbox: Outbox, post: Post): Promise<number> {
  let sent = 0;
  let most = MOST_EVENTS;
  for (;;) {
    const batch = nextBatch(await outbox.waiting(), most);
    const [first] = batch;
    if (!first) return sent;
    try {
      const verdicts = verdictsOf(batch, await post(batch));
      if (!verdicts.size) throw new Refused(502, 'no_results', '');
      await outbox.sent(verdicts);
      sent += verdicts.size;
      most = MOST_EVENTS;
    } catch (error) {
      if (!(error instanceof Refused) || !UNREADABLE.has(error.status)) throw error;
      if (batch.length === 1) await outbox.setAside(first.seq, unread(error));
      most = batch.length === 1 ? MOST_EVENTS : Math.floor(batch.length / 2);
    }
  }
}

function verdictsOf(batch: LoggedEvent[], answer: SyncAnswer): Map<number, Verdict> {
  const seqs = new Map(batch.map((one) => [one.id, one.seq]));
  const verdicts = new Map<number, Verdict>();
  for (const { id, status, code, message, strength, reasons } of answer.results) {
    const seq = seqs.get(id);
    if (seq !== undefined) verdicts.set(seq, { status, code, message, strength, reasons });
  }
  return verdicts;
}

function unread({ code, message }: Refused): Verdict {
  return { status: 'refused', code, message: { en: message, zh: message }, strength: null, reasons: [] };
}
