import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;

let offsetMs = 0;
let shownMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const watchers = new Set<() => void>();

/** Learn the server's time: ages and countdowns follow it, not a phone with a wrong clock. */
export function setServerTime(nowMs: number): void {
  offsetMs = nowMs - Date.now();
}

export function serverNow(): number {
  return Date.now() + offsetMs;
}

function tick() {
  shownMs = serverNow();
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  if (!timer) {
    tick();
    timer = setInterval(tick, TICK_MS);
  }
  return () => {
    watchers.delete(watcher);
    if (!watchers.size) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The server's time in ms, changing once a second, the same for everything on screen. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => shownMs);
}

const MINUTE_MS = 60_000;

/** As useNow, changing once a minute: for query ranges that must not move at every tick. */
export function useMinute(): number {
  return useSyncExternalStore(watch, () => Math.floor(shownMs / MINUTE_MS) * MINUTE_MS);
}
