/** A value of an event: no fractions anywhere, so that every language writes it with the same digits. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** The place of the phone in whole units; degrees times ten million. */
export interface Place {
  lat_e7: number;
  lng_e7: number;
  accuracy_m: number;
  age_ms: number;
}

/** What an event is before its hash is known. */
export interface EventBody {
  id: string;
  device_id: string;
  /** 1, 2, 3, ... on this phone. */
  seq: number;
  /** Hash of the event before on this phone; 64 zeros for the first. */
  prev: string;
  kind: string;
  wall_ms: number;
  /** Milliseconds since the app was started: nobody can turn this clock back. */
  mono_ms: number;
  /** New at each start of the app: `mono_ms` of two boots cannot be compared. */
  boot: string;
  server_seen_ms: number | null;
  server_seen_mono_ms: number | null;
  place: Place | null;
  battery_percent: number | null;
  app: string;
  user_id: number;
  payload: { [key: string]: Plain };
}

export interface ChainedEvent extends EventBody {
  hash: string;
}

export const FIRST_PREV = '0'.repeat(64);

/** The one way to write a value down: keys by code point, no spaces, whole numbers only. */
export function canonical(value: Plain): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return wholeNumber(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(',')}}`;
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${value}`);
  return String(value === 0 ? 0 : value);
}

/** JavaScript alone sorts by UTF-16 units, which puts U+1F525 before U+FF01. */
function byCodePoint(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i]?.codePointAt(0) ?? 0) - (b[i]?.codePointAt(0) ?? 0);
    if (difference) return difference;
  }
  return a.length - b.length;
}

export async function sha256(data: string | ArrayBuffer): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The event with its place in the chain sealed. */
export async function seal(body: EventBody): Promise<ChainedEvent> {
  return { ...body, hash: await sha256(canonical(body as unknown as Plain)) };
}

/** Text as it may stand in an event: half a surrogate pair has no UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}
