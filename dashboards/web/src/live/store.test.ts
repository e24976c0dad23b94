import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveStore } from './store';

describe('the live store', () => {
  let frames: FrameRequestCallback[];
  const frame = () => {
    for (const due of frames.splice(0)) due(0);
  };
  beforeEach(() => {
    frames = [];
    vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
  });

  it('shows a burst of readings once a frame', () => {
    const store = new LiveStore();
    const watcher = vi.fn();
    store.watch(1, watcher);
    for (let at = 0; at < 100; at++) store.put([[1, at, at, 0]]);
    expect(watcher).not.toHaveBeenCalled();
    frame();
    expect(watcher).toHaveBeenCalledTimes(1);
    expect(store.get(1)?.value).toBe(99);
  });

  it('passes over readings that are older than what is shown, and back-filled ones', () => {
    const store = new LiveStore();
    store.put([[1, 1000, 5, 0]]);
    store.put([
      [1, 900, 6, 0],
      [1, 2000, 7, 2],
    ]);
    expect(store.get(1)).toEqual({ at: 1000, value: 5, quality: 0 });
  });

  it('wakes only those who watch the point', () => {
    const store = new LiveStore();
    const [one, two] = [vi.fn(), vi.fn()];
    store.watch(1, one);
    const stop = store.watch(2, two);
    store.put([[1, 1, 1, 0]]);
    frame();
    expect([one.mock.calls.length, two.mock.calls.length]).toEqual([1, 0]);
    stop();
    store.put([[2, 1, 1, 0]]);
    frame();
    expect(two).not.toHaveBeenCalled();
  });
});
