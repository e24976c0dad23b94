import type { LoggedEvent } from '../store/db';

export const MOST_EVENTS = 200;
/** The server takes 1 MiB; what surrounds the events needs some of it. */
export const MOST_BYTES = 900_000;

/** The longest run from the front that one request may carry; at least one event, in order. */
export function nextBatch(waiting: LoggedEvent[], most = MOST_EVENTS): LoggedEvent[] {
  const batch: LoggedEvent[] = [];
  let bytes = 0;
  for (const logged of waiting) {
    bytes += new TextEncoder().encode(JSON.stringify(logged.event)).length + 1;
    if (batch.length && (batch.length >= most || bytes > MOST_BYTES)) break;
    batch.push(logged);
  }
  return batch;
}
