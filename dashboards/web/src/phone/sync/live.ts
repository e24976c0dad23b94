import { who } from '../who';

/** What the phone is told of at once; everything else waits for the next exchange. */
type Noun = 'calls' | 'sos';

const ADDRESS = '/api/v1/live?noun=calls&noun=sos';
const listeners = new Map<Noun, Set<() => void>>();
let stream: EventSource | null = null;
let heardBy: number | undefined;

/** Told when rows of this noun changed that concern this person. */
export function onChanged(noun: Noun, listener: () => void): () => void {
  const those = listeners.get(noun) ?? new Set();
  listeners.set(noun, those.add(listener));
  return () => those.delete(listener);
}

/** Listen while the app is looked at; a phone in a pocket is reached by push. Called after each exchange. */
export function listen(): void {
  const id = who()?.person.id;
  const isOpen = stream !== null && stream.readyState !== EventSource.CLOSED && heardBy === id;
  if (isOpen || document.visibilityState !== 'visible') return;
  stopListening();
  heardBy = id;
  stream = new EventSource(ADDRESS);
  stream.addEventListener('changed', ({ data }: MessageEvent<string>) => tell(JSON.parse(data).noun));
  // what changed between the last exchange and now was told to nobody
  stream.addEventListener('ready', () => [...listeners.keys()].forEach(tell));
}

function tell(noun: Noun): void {
  for (const listener of listeners.get(noun) ?? []) listener();
}

export function stopListening(): void {
  stream?.close();
  stream = null;
}
