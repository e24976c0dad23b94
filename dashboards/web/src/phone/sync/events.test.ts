import { describe, expect, it } from 'vitest';
import type { SyncAnswer } from '../api';
import { Refused } from '../server';
import type { ChainedEvent } from '../store/chain';
import type { LoggedEvent, Verdict } from '../store/db';
import { waitMs } from './backoff';
import { nextBatch } from './batches';
import { type Outbox, sendEvents } from './events';

function logged(seq: number, text = ''): LoggedEvent {
  const event = { id: `e${seq}`, seq, payload: { text } } as unknown as ChainedEvent;
  return {
    seq,
    id: `e${seq}`,
    kind: 'scan',
    user_id: 1,
    event,
    state: 'waiting',
    verdict: null,
    sent_ms: null,
  };
}

class Phone implements Outbox {
  readonly aside: number[] = [];
  readonly done = new Map<number, Verdict>();
  private readonly log: LoggedEvent[];

  constructor(log: LoggedEvent[]) {
    this.log = log;
  }

  async waiting() {
    return this.log.filter((one) => !this.done.has(one.seq) && !this.aside.includes(one.seq));
  }

  async sent(verdicts: Map<number, Verdict>) {
    for (const [seq, verdict] of verdicts) this.done.set(seq, verdict);
  }

  async setAside(seq: number) {
    this.aside.push(seq);
  }
}

function answer(batch: LoggedEvent[]): SyncAnswer {
  return {
    server_ms: 0,
    results: batch.map(({ id }) => ({
      id,
      status: 'accepted',
      code: 'ok',
      message: null,
      strength: 'fair',
      reasons: [],
    })),
  };
}

const many = (count: number) => Array.from({ length: count }, (_, i) => logged(i + 1));

describe('sending what waits', () => {
  it('sends in order, 200 at most at once, and each once', async () => {
    const phone = new Phone(many(450));
    const batches: number[][] = [];
    await sendEvents(phone, async (batch) => {
      batches.push(batch.map((one) => one.seq));
      return answer(batch);
    });
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(batches.flat()).toEqual(many(450).map((one) => one.seq));
    expect(phone.done.size).toBe(450);
  });

  it('keeps everything when the network or the session is gone', async () => {
    for (const status of [0, 401, 429, 503]) {
      const phone = new Phone(many(3));
      const refuse = () => Promise.reject(new Refused(status, 'no', ''));
      await expect(sendEvents(phone, refuse)).rejects.toMatchObject({ status });
      expect(await phone.waiting()).toHaveLength(3);
    }
  });

  it('sends again what the server did not answer for', async () => {
    const phone = new Phone(many(4));
    let isFirst = true;
    await sendEvents(phone, async (batch) => {
      const told = answer(batch);
      if (isFirst) told.results = told.results.slice(0, 1);
      isFirst = false;
      return told;
    });
    expect([...phone.done.keys()]).toEqual([1, 2, 3, 4]);
  });

  it('does not go round for ever when the server answers for none', async () => {
    const nothing = async () => ({ ...answer([]), results: [] });
    await expect(sendEvents(new Phone(many(2)), nothing)).rejects.toMatchObject({ status: 502 });
  });

  it('sets the one event aside that cannot be read, and sends all others', async () => {
    const phone = new Phone(many(50));
    await sendEvents(phone, async (batch) => {
      if (batch.some((one) => one.seq === 37)) throw new Refused(422, 'unreadable', 'no');
      return answer(batch);
    });
    expect(phone.aside).toEqual([37]);
    expect(phone.done.size).toBe(49);
  });

  it('keeps a request below what the server takes', () => {
    const large = [logged(1, '水'.repeat(200_000)), logged(2, '水'.repeat(200_000)), logged(3)];
    expect(nextBatch(large).map((one) => one.seq)).toEqual([1]);
  });
});

describe('waiting after failures', () => {
  it('doubles, is spread, and never exceeds five minutes', () => {
    expect([1, 2, 3, 20].map((failures) => waitMs(failures, 1))).toEqual([2000, 4000, 8000, 300_000]);
    expect(waitMs(3, 0)).toBe(4000);
  });
});
