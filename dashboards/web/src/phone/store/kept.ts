import type { Bundle } from '../api';
import { who } from '../who';
import { db } from './db';

/** What is the phone's, whoever holds it. */
interface OfPhone {
  device_id: string;
  server_seen: { server_ms: number; mono_ms: number; boot: string };
  people: KnownPerson[];
}

/** What is one person's: somebody else who takes the phone over without signal finds their own. */
interface OfPerson {
  bundle: { etag: string | null; bundle: Bundle };
  /** When the server last said that the bundle is current. */
  bundle_at_ms: number;
  /** The round being walked; the place is asked for only then. */
  active_round: { id: number; started_ms: number };
  lone: { every_s: number; due_ms: number };
  sos: OpenSos;
}

/** A call for help that is not over, and what the server last said of it. */
export interface OpenSos {
  id: string;
  sent_ms: number;
  state?: 'seen' | 'closed';
  by?: string | null;
  at?: string | null;
}

/** Somebody who has logged in on this phone before, and can take it over without signal by a PIN. */
export interface KnownPerson {
  id: number;
  name: string;
  display_name: string;
  role: string;
  pin: { salt: string; rounds: number; hash: string; failures: number } | null;
}

export async function kept<K extends keyof OfPhone>(key: K): Promise<OfPhone[K] | undefined> {
  return (await db.kept.get(key))?.value as OfPhone[K] | undefined;
}

export async function keep<K extends keyof OfPhone>(key: K, value: OfPhone[K]): Promise<void> {
  await db.kept.put({ key, value });
}

/** Of whoever holds the phone now, unless somebody is named. */
export async function own<K extends keyof OfPerson>(key: K, id = holder()): Promise<OfPerson[K] | undefined> {
  return (await db.kept.get(`${key}/${id}`))?.value as OfPerson[K] | undefined;
}

export async function keepOwn<K extends keyof OfPerson>(
  key: K,
  value: OfPerson[K],
  id = holder(),
): Promise<void> {
  await db.kept.put({ key: `${key}/${id}`, value });
}

export async function forgetOwn(key: keyof OfPerson): Promise<void> {
  await db.kept.delete(`${key}/${holder()}`);
}

function holder(): number {
  return who()?.person.id ?? 0;
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
