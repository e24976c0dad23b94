import { type Instant, instant } from './store/clock';

/** A tag's address that was opened by the phone's own camera or NFC reader, before anything else was known. */
export interface Tap extends Instant {
  id: number;
  address: string;
}

const DATABASE = 'plantroom-taps';
const TABLE = 'taps';

/**
 * Keeps the address in this browser, then takes it out of the address bar and the history.
 *
 * A database of its own, without a library: it has to be safe before anything else is loaded.
 */
export async function keepTap(): Promise<void> {
  if (!window.location.pathname.startsWith('/t/')) return;
  const tap = { ...instant(), address: window.location.href };
  try {
    await inTable('readwrite', (table) => table.add(tap));
    // Only now: should keeping fail, a reload still has it.
    window.history.replaceState(null, '', '/phone/tap');
  } catch {
    window.history.replaceState({ tap }, '', '/phone/tap');
  }
}

/** Taps not yet made into scans, oldest first. */
export async function keptTaps(): Promise<Tap[]> {
  const unkept = window.history.state?.tap;
  const kept = await inTable<Tap[]>('readonly', (table) => table.getAll()).catch(() => []);
  return unkept ? [...kept, { ...unkept, id: -1 }] : kept;
}

export async function forgetTap(id: number): Promise<void> {
  if (id < 0) window.history.replaceState(null, '', window.location.pathname);
  else await inTable('readwrite', (table) => table.delete(id));
}

function inTable<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore(TABLE, { keyPath: 'id', autoIncrement: true });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(TABLE, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(TABLE));
      transaction.oncomplete = () => {
        database.close();
        resolve(request.result as T);
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}
