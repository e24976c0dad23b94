import type { Bundle } from '../api';
import { db } from './db';

interface Values {
  device_id: string;
  bundle: { etag: string | null; user_id: number; bundle: Bundle };
  /** When the server last said that the bundle is current. */
  bundle_at_ms: number;
  server_seen: { server_ms: number; mono_ms: number; boot: string };
  /** The round being walked; the place is asked for only then. */
  active_round: { id: number; started_ms: number };
  lone: { every_s: number; due_ms: number };
  sos: { id: string; sent_ms: number };
  people: KnownPerson[];
}

/** Somebody who has logged in on this phone before, and can take it over without signal by a PIN. */
export interface KnownPerson {
  id: number;
  name: string;
  display_name: string;
  role: string;
  pin: { salt: string; rounds: number; hash: string; failures: number } | null;
}

export async function kept<K extends keyof Values>(key: K): Promise<Values[K] | undefined> {
  return (await db.kept.get(key))?.value as Values[K] | undefined;
}

export async function keep<K extends keyof Values>(key: K, value: Values[K]): Promise<void> {
  await db.kept.put({ key, value });
}

export async function forget(key: keyof Values): Promise<void> {
  await db.kept.delete(key);
}

/** This installation's own name, made at its first start. */
export async function deviceId(): Promise<string> {
  return db.transaction('rw', db.kept, async () => {
    const known = await kept('device_id');
    if (known) return known;
    const made = crypto.randomUUID();
    await keep('device_id', made);
    return made;
  });
}
