import type { SyncAnswer } from '../api';
import { askJson, Refused } from '../server';
import { instant } from '../store/clock';
import { db, type LoggedEvent } from '../store/db';
import { deviceId } from '../store/kept';
import { APP_VERSION, onAppended } from '../store/log';
import { sessionConfirmed, sessionEnded, who } from '../who';
import { waitMs } from './backoff';
import { fetchBundle, noteServerTime } from './bundle';
import { sendEvents } from './events';
import { listen, stopListening } from './live';
import { outbox } from './outbox';
import { sendPhotos } from './photos';
import { noteSync } from './state';

const EVERY_MS = 30_000;
const KEPT_SENT_MS = 14 * 24 * 3_600_000;

let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let running: Promise<void> | null = null;
let isAskedAgain = false;

/**
 * Sends what waits and fetches what is new: now, and again whenever there is reason to.
 *
 * One tab at a time (a tag's address opens a second one). What comes in while it runs is sent right after.
 */
export function sync(): Promise<void> {
  if (running) {
    isAskedAgain = true;
    return running;
  }
  clearTimeout(timer);
  running = navigator.locks.request('plantroom-sync', once).finally(() => {
    running = null;
    if (isAskedAgain && !failures) void sync();
    isAskedAgain = false;
  });
  return running;
}

async function once(): Promise<void> {
  const person = who();
  if (!person) return noteSync({ retry_at: null });
  noteSync({ isSending: true, retry_at: null });
  try {
    await exchange(person.person.id);
    failures = 0;
    noteSync({ isSending: false, isReached: true, sent_at: Date.now() });
    later(EVERY_MS);
    listen();
  } catch (error) {
    afterFailure(error);
  }
}

async function exchange(userId: number): Promise<void> {
  const sent = await sendEvents(outbox, postEvents);
  // Events carry their own names and go out under any log-in; the rounds are those of a person.
  if (await fetchBundle(userId)) sessionConfirmed();
  else sessionEnded();
  await sendPhotos();
  if (sent) await dropOld();
}

async function postEvents(batch: LoggedEvent[]): Promise<SyncAnswer> {
  const answer = await askJson<SyncAnswer>('/api/v1/patrol/sync', {
    method: 'POST',
    json: {
      device_id: await deviceId(),
      app: APP_VERSION,
      events: batch.map((one) => one.event),
      // both clocks now: from them the server tells how wrong the wall clock is
      sent: instant(),
    },
  });
  await noteServerTime(answer.server_ms);
  return answer;
}

function afterFailure(error: unknown): void {
  failures += 1;
  const refused = error instanceof Refused ? error : null;
  noteSync({ isSending: false, isReached: refused !== null && refused.status > 0 });
  if (refused?.status === 401) {
    sessionEnded();
    failures = 0;
    return;
  }
  later(refused?.retryAfterMs ?? waitMs(failures), true);
}

function later(wait: number, isRetry = false): void {
  clearTimeout(timer);
  timer = setTimeout(() => void sync(), wait);
  if (isRetry) noteSync({ retry_at: Date.now() + wait });
}

/** The server has these; the phone forgets them after a while, except the last, which the chain hangs on. */
async function dropOld(): Promise<void> {
  const last = await db.events.orderBy('seq').last();
  const before = Date.now() - KEPT_SENT_MS;
  await db.events
    .where('state')
    .equals('sent')
    .filter((one) => one.event.wall_ms < before && one.seq !== last?.seq)
    .delete();
  await db.photos
    .where('state')
    .equals('sent')
    .filter((one) => one.taken_ms < before)
    .delete();
}

let isStarted = false;

/** At the start of the app: send now, when the network is back, when the app is looked at, after each event. */
export function startSync(): void {
  if (isStarted) return;
  isStarted = true;
  const tryNow = () => {
    failures = 0;
    void sync();
  };
  window.addEventListener('online', tryNow);
  document.addEventListener('visibilitychange', () =>
    document.visibilityState === 'visible' ? tryNow() : stopListening(),
  );
  onAppended(() => void sync());
  void sync();
}
