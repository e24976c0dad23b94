import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NOUNS, queryClient } from '@/api/queries';
import { LiveConnection } from './connection';

class Source extends EventTarget {
  static opened: Source[] = [];
  onerror: (() => void) | null = null;
  close = vi.fn();
  constructor(readonly url: string) {
    super();
    Source.opened.push(this);
  }
}

const last = () => Source.opened.at(-1) as Source;

describe('the live connection', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    Source.opened = [];
    vi.stubGlobal('EventSource', Source);
    vi.stubGlobal('fetch', vi.fn().mockResolvedValue({ ok: false }));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('opens one stream for the assets on screen, also across a change of page', () => {
    const connection = new LiveConnection();
    const leave = connection.need([4, 2]);
    connection.need('none');
    vi.advanceTimersByTime(100);
    expect(Source.opened.map((source) => source.url)).toEqual(['/api/v1/live?asset=2&asset=4']);
    leave();
    connection.need([7]);
    vi.advanceTimersByTime(100);
    expect(Source.opened.map((source) => source.url)).toEqual([
      '/api/v1/live?asset=2&asset=4',
      '/api/v1/live?asset=7',
    ]);
    expect(Source.opened[0]?.close).toHaveBeenCalled();
  });

  it('misses nothing while the page changes: the old stream ends when the new one is ready', () => {
    const invalidate = vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue();
    const connection = new LiveConnection();
    const leave = connection.need([4]);
    vi.advanceTimersByTime(100);
    const before = last();
    before.dispatchEvent(new MessageEvent('ready'));
    vi.advanceTimersByTime(1000);
    expect(invalidate).toHaveBeenCalledTimes(NOUNS.length);
    leave();
    connection.need([7]);
    vi.advanceTimersByTime(100);
    expect(last()).not.toBe(before);
    expect(before.close).not.toHaveBeenCalled();
    last().dispatchEvent(new MessageEvent('ready'));
    expect(before.close).toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(invalidate).toHaveBeenCalledTimes(NOUNS.length);
    expect(connection.current().status).toBe('live');
  });

  it('says so when it is away, waits longer each time, and is live again', () => {
    const connection = new LiveConnection();
    connection.need('all');
    vi.advanceTimersByTime(100);
    last().dispatchEvent(new MessageEvent('ready'));
    expect(connection.current().status).toBe('live');
    last().onerror?.();
    expect(connection.current().status).toBe('reconnecting');
    vi.advanceTimersByTime(1000);
    expect(Source.opened).toHaveLength(2);
    last().onerror?.();
    vi.advanceTimersByTime(900);
    expect(Source.opened).toHaveLength(2);
    vi.advanceTimersByTime(1100);
    expect(Source.opened).toHaveLength(3);
    last().dispatchEvent(new MessageEvent('ready'));
    expect(connection.current().status).toBe('live');
  });

  it('notices a stream that died without a word', () => {
    const connection = new LiveConnection();
    connection.need('all');
    vi.advanceTimersByTime(100);
    last().dispatchEvent(new MessageEvent('ready'));
    vi.advanceTimersByTime(30_000);
    last().dispatchEvent(new MessageEvent('ping', { data: '{}' }));
    vi.advanceTimersByTime(30_000);
    expect(connection.current().status).toBe('live');
    vi.advanceTimersByTime(15_000);
    expect(connection.current().status).toBe('reconnecting');
  });

  it('believes the browser when it says that the network went, or came back', () => {
    const network = new EventTarget();
    const connection = new LiveConnection();
    connection.followNetwork(network);
    connection.need('all');
    vi.advanceTimersByTime(100);
    last().dispatchEvent(new MessageEvent('ready'));
    network.dispatchEvent(new Event('offline'));
    expect(connection.current().status).toBe('reconnecting');
    network.dispatchEvent(new Event('online'));
    expect(Source.opened).toHaveLength(2);
  });

  it('asks again for what changed, once for a burst of hints', () => {
    const invalidate = vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue();
    const connection = new LiveConnection();
    connection.need('all');
    vi.advanceTimersByTime(100);
    invalidate.mockClear();
    for (let i = 0; i < 5; i++) {
      last().dispatchEvent(new MessageEvent('changed', { data: '{"noun":"alarms"}' }));
    }
    vi.advanceTimersByTime(1000);
    expect(invalidate.mock.calls).toEqual([[{ queryKey: ['alarms'] }]]);
  });
});
