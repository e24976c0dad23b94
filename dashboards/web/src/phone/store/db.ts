import Dexie, { type EntityTable, liveQuery } from 'dexie';
import { useEffect, useRef, useState } from 'react';
import type { Label } from '../text/language';
import type { ChainedEvent } from './chain';

export type Strength = 'strong' | 'fair' | 'weak' | 'refused';

/** What the server made of an event. The phone never decides this itself. */
export interface Verdict {
  /** accepted, duplicate, refused. */
  status: string;
  code: string | null;
  message: Label | null;
  strength: Strength | null;
  reasons: { code: string; text: Label }[];
}

export interface LoggedEvent {
  seq: number;
  id: string;
  kind: string;
  user_id: number;
  event: ChainedEvent;
  /** `stuck`: the server cannot read it; kept and shown, no longer in the way of the others. */
  state: 'waiting' | 'sent' | 'stuck';
  verdict: Verdict | null;
  /** When the server answered. */
  sent_ms: number | null;
}

export interface Photo {
  id: string;
  user_id: number;
  taken_ms: number;
  sha256: string;
  bytes: number;
  media_type: string;
  /** How much the server has. */
  offset: number;
  state: 'waiting' | 'sent' | 'stuck';
  /** Dropped some time after the server has all of it. */
  blob: Blob | null;
}

/** A plan or picture of a checkpoint, kept so that it can be seen without signal. */
export interface Picture {
  url: string;
  blob: Blob;
}

/** What is being typed at a checkpoint: nothing of it is lost when the app is closed. */
export interface Draft {
  key: string;
  values: Record<string, unknown>;
}

/** Single values: see kept.ts. */
export interface Kept {
  key: string;
  value: unknown;
}

class PhoneDatabase extends Dexie {
  events!: EntityTable<LoggedEvent, 'seq'>;
  photos!: EntityTable<Photo, 'id'>;
  pictures!: EntityTable<Picture, 'url'>;
  drafts!: EntityTable<Draft, 'key'>;
  kept!: EntityTable<Kept, 'key'>;

  constructor() {
    super('plantroom-phone', { chromeTransactionDurability: 'strict' });
    this.version(1).stores({
      events: 'seq, &id, state, kind',
      photos: 'id, state',
      pictures: 'url',
      drafts: 'key',
      kept: 'key',
    });
  }
}

export const db = new PhoneDatabase();

/** What the query gives, again after each change of the tables it read; undefined at first. */
export function useStored<T>(query: () => Promise<T>, inputs: readonly unknown[]): T | undefined {
  const [found, setFound] = useState<T>();
  const current = useRef(query);
  current.current = query;
  const key = JSON.stringify(inputs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what the caller's query reads.
  useEffect(() => {
    const watching = liveQuery(() => current.current()).subscribe({
      next: setFound,
      error: () => setFound(undefined),
    });
    return () => watching.unsubscribe();
  }, [key]);
  return found;
}
