import { registerSW } from 'virtual:pwa-register';
import { useSyncExternalStore } from 'react';

let isReady = false;
let isStarted = false;
let use: () => void = () => undefined;
const watchers = new Set<() => void>();

/** The service worker: the app opens without signal, and a new version waits until the person says so. */
export function keepUpToDate(): void {
  if (isStarted) return;
  isStarted = true;
  const change = registerSW({
    onNeedRefresh() {
      isReady = true;
      for (const watcher of watchers) watcher();
    },
  });
  use = () => void change(true);
}

export function useUpdate(): { isReady: boolean; use: () => void } {
  const ready = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => isReady,
  );
  return { isReady: ready, use };
}
