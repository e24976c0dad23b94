import type { KnownPerson } from '../store/kept';

type Pin = NonNullable<KnownPerson['pin']>;

/** PBKDF2-SHA-256; about half a second on a phone of today. */
const ROUNDS = 310_000;
export const SHORTEST = 6;
export const MOST_FAILURES = 5;

async function derive(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    key,
    256,
  );
  return toText(new Uint8Array(bits));
}

export async function makePin(pin: string): Promise<Pin> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return { salt: toText(salt), rounds: ROUNDS, hash: await derive(pin, salt, ROUNDS), failures: 0 };
}

/** Whether this is the PIN. It opens only this phone; whoever is meant still has to log in to send. */
export async function isPin(pin: string, known: Pin): Promise<boolean> {
  return (await derive(pin, fromText(known.salt), known.rounds)) === known.hash;
}

function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromText(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}
