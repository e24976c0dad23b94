import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { type ConnectionState, liveConnection, type Scope } from './connection';
import { type LiveValue, liveStore } from './store';

/** Have the page's readings streamed while it is on screen. */
export function useLiveScope(scope: Scope): void {
  const key = Array.isArray(scope) ? scope.join(',') : scope;
  useEffect(() => {
    if (key === 'all' || key === 'none') return liveConnection.need(key);
    return liveConnection.need(key ? key.split(',').map(Number) : 'none');
  }, [key]);
}

export function useConnection(): ConnectionState {
  return useSyncExternalStore(liveConnection.watch, liveConnection.current);
}

/** The latest value of one point; undefined while none is known. */
export function useReading(point: number | undefined): LiveValue | undefined {
  const watch = useCallback(
    (watcher: () => void) => (point === undefined ? () => {} : liveStore.watch(point, watcher)),
    [point],
  );
  return useSyncExternalStore(watch, () => (point === undefined ? undefined : liveStore.get(point)));
}

/** The latest values of several points, in their order; one render per frame for all of them. */
export function useReadings(points: number[]): (LiveValue | undefined)[] {
  const key = points.join(',');
  const kept = useRef<(LiveValue | undefined)[]>([]);
  const watch = useCallback(
    (watcher: () => void) => {
      const stops = key
        .split(',')
        .filter(Boolean)
        .map((id) => liveStore.watch(Number(id), watcher));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [key],
  );
  return useSyncExternalStore(watch, () => {
    const next = points.map((id) => liveStore.get(id));
    const isSame = next.length === kept.current.length && next.every((value, i) => value === kept.current[i]);
    if (!isSame) kept.current = next;
    return kept.current;
  });
}
