import { NOUNS, type Noun, queryClient, SESSION_KEY } from '@/api/queries';
import { setServerTime } from './clock';
import { liveStore, type ReadingRow } from './store';

/** Which points a page shows: those of some assets, all, or none (changes of rows only). */
export type Scope = number[] | 'all' | 'none';

export interface ConnectionState {
  status: 'connecting' | 'live' | 'reconnecting';
  /** Since when, ms of this browser's clock. */
  since: number;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
const HINT_WAIT_MS = 250;
const SWITCH_WAIT_MS = 60;
/** Failures in a row after which the cause may be our own. */
const SUSPICIOUS = 2;
/** The server sends a ping every 15 s; two missed ones, and the stream is dead without having said so. */
const SILENT_MS = 40_000;

/** One EventSource for what the page on screen needs; opens again by itself with growing waits. */
export class LiveConnection {
  private readonly scopes = new Map<symbol, Scope>();
  private readonly watchers = new Set<() => void>();
  private readonly hinted = new Set<Noun>();
  private source: EventSource | undefined;
  /** The stream of the page before: it tells of changes until the new one does. */
  private replaced: EventSource | undefined;
  private address = '';
  private retry: ReturnType<typeof setTimeout> | undefined;
  private switching: ReturnType<typeof setTimeout> | undefined;
  private hints: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private state: ConnectionState = { status: 'connecting', since: Date.now() };

  /** Ask for a scope until the given function is called. */
  need(scope: Scope): () => void {
    const name = Symbol('scope');
    this.scopes.set(name, scope);
    this.follow();
    return () => {
      this.scopes.delete(name);
      this.follow();
    };
  }

  current = (): ConnectionState => this.state;

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** A page change drops one scope and adds another at once: wait for both. */
  private follow(): void {
    clearTimeout(this.switching);
    this.switching = setTimeout(() => {
      const address = this.scopes.size ? liveQuery([...this.scopes.values()]) : '';
      if (address === this.address && this.source) return;
      this.address = address;
      if (this.state.status === 'live' && this.scopes.size) {
        this.replaced?.close();
        this.replaced = this.source;
      } else this.close();
      if (this.scopes.size) this.open();
      else this.become('connecting');
    }, SWITCH_WAIT_MS);
  }

  private open(): void {
    const source = new EventSource(`/api/v1/live${this.address}`);
    this.source = source;
    source.addEventListener('ready', () => this.ready());
    source.onerror = () => source === this.source && this.lost();
    source.addEventListener('ping', () => this.heard());
    source.addEventListener('readings', (event) => {
      this.heard();
      liveStore.put(JSON.parse(event.data) as ReadingRow[]);
    });
    source.addEventListener('changed', (event) => {
      this.heard();
      this.hint((JSON.parse(event.data) as { noun: Noun }).noun);
    });
    this.heard();
  }

  /** A network that went away silently (a lift, a sleeping laptop) closes nothing. */
  private heard(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(), SILENT_MS);
  }

  /** The browser says whether there is a network at all: no need to wait for our own patience. */
  followNetwork(network: EventTarget): void {
    network.addEventListener('offline', () => this.source && this.lost());
    network.addEventListener('online', () => {
      if (this.state.status !== 'reconnecting') return;
      this.close();
      this.open();
    });
  }

  private close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    this.source?.close();
    this.source = undefined;
    this.replaced?.close();
    this.replaced = undefined;
  }

  private ready(): void {
    const isFollowing = this.replaced !== undefined;
    this.replaced?.close();
    this.replaced = undefined;
    this.heard();
    this.failures = 0;
    this.become('live');
    void this.fetchLatest();
    // what the page had read before it listened may have changed in between
    if (!isFollowing) for (const noun of NOUNS) this.hint(noun);
  }

  /** EventSource gives up for good on an HTTP error, so the waiting is ours. */
  private lost(): void {
    this.close();
    this.become('reconnecting');
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    // Perhaps it is the session that ended: then the log-in is the way on, not another try.
    if (this.failures === SUSPICIOUS) void queryClient.invalidateQueries({ queryKey: SESSION_KEY });
    this.retry = setTimeout(() => this.open(), wait * (0.5 + Math.random() / 2));
  }

  /** What happened before the stream stood: the last value of each point. */
  private async fetchLatest(): Promise<void> {
    const response = await fetch(`/api/v1/readings/latest${this.address}`).catch(() => undefined);
    if (!response?.ok) return;
    const latest = (await response.json()) as { readings: ReadingRow[]; now_ms: number };
    setServerTime(latest.now_ms);
    liveStore.put(latest.readings);
  }

  private hint(noun: Noun): void {
    this.hinted.add(noun);
    this.hints ??= setTimeout(() => {
      this.hints = undefined;
      for (const due of this.hinted) void queryClient.invalidateQueries({ queryKey: [due] });
      this.hinted.clear();
    }, HINT_WAIT_MS);
  }

  private become(status: ConnectionState['status']): void {
    if (status === this.state.status) return;
    this.state = { status, since: Date.now() };
    for (const watcher of this.watchers) watcher();
  }
}

function liveQuery(scopes: Scope[]): string {
  if (scopes.includes('all')) return '';
  const ids = new Set(scopes.flatMap((scope) => (Array.isArray(scope) ? scope : [])));
  // Asset 0 does not exist: a stream without readings, with the hints only.
  const wanted = ids.size ? [...ids].sort((a, b) => a - b) : [0];
  return `?${wanted.map((id) => `asset=${id}`).join('&')}`;
}

export const liveConnection = new LiveConnection();
if (typeof window !== 'undefined') liveConnection.followNetwork(window);
