/** [point, at (ms), value, quality] as the server sends it. */
export type ReadingRow = [number, number, number | string | null, number];

export interface LiveValue {
  at: number;
  value: number | string | null;
  quality: number;
}

export const QUALITY = { good: 0, suspect: 1, backfilled: 2, bad: 3, manual: 4 } as const;

/**
 * The latest value of each point. Values arrive when they like and are shown once per animation
 * frame, so that a thousand points a second cost sixty renders and not a thousand.
 */
export class LiveStore {
  private readonly values = new Map<number, LiveValue>();
  private readonly watchers = new Map<number, Set<() => void>>();
  private readonly changed = new Set<number>();
  private frame = 0;

  /** Take readings in; older ones than those known are passed over. */
  put(rows: ReadingRow[]): void {
    for (const [point, at, value, quality] of rows) {
      const known = this.values.get(point);
      if (known && (known.at > at || quality === QUALITY.backfilled)) continue;
      this.values.set(point, { at, value, quality });
      this.changed.add(point);
    }
    if (this.changed.size && !this.frame) {
      this.frame = requestAnimationFrame(() => this.show());
    }
  }

  get(point: number): LiveValue | undefined {
    return this.values.get(point);
  }

  /** Call `watcher` after each frame in which this point changed; gives the way to stop. */
  watch(point: number, watcher: () => void): () => void {
    const watching = this.watchers.get(point) ?? new Set();
    this.watchers.set(point, watching.add(watcher));
    return () => {
      watching.delete(watcher);
      if (!watching.size) this.watchers.delete(point);
    };
  }

  private show(): void {
    this.frame = 0;
    const due = new Set<() => void>();
    for (const point of this.changed) {
      for (const watcher of this.watchers.get(point) ?? []) due.add(watcher);
    }
    this.changed.clear();
    for (const watcher of due) watcher();
  }
}

export const liveStore = new LiveStore();
