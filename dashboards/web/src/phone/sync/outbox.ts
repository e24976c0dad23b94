import { db } from '../store/db';
import type { Outbox } from './events';

/** The phone's own log as what is to be sent. */
export const outbox: Outbox = {
  waiting: () => db.events.where('state').equals('waiting').sortBy('seq'),
  sent: (verdicts) =>
    db.transaction('rw', db.events, async () => {
      const sent_ms = Date.now();
      for (const [seq, verdict] of verdicts) await db.events.update(seq, { state: 'sent', verdict, sent_ms });
    }),
  setAside: async (seq, verdict) => {
    await db.events.update(seq, { state: 'stuck', verdict });
  },
};
