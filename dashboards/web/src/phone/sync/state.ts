import { useSyncExternalStore } from 'react';

export interface SyncState {
  isSending: boolean;
  /** The last attempt reached the server. */
  isReached: boolean | null;
  /** When the next attempt will be made by itself; null: at the next change. */
  retry_at: number | null;
  sent_at: number | null;
}

let state: SyncState = { isSending: false, isReached: null, retry_at: null, sent_at: null };
const watchers = new Set<() => void>();

export function syncState(): SyncState {
  return state;
}

export function noteSync(change: Partial<SyncState>): void {
  state = { ...state, ...change };
  for (const watcher of watchers) watcher();
}

export function useSyncState(): SyncState {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, syncState);
}
