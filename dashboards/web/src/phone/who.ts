import { useSyncExternalStore } from 'react';

/** The person whose rounds these are, as this phone knows them. */
export interface Person {
  id: number;
  name: string;
  display_name: string;
  role: string;
}

export interface Who {
  person: Person;
  zone: string | null;
  /** When the server last said so; from then on a whole shift works without it. */
  since_ms: number;
  /** The server no longer knows the session: everything is kept, and sent after the next log-in. */
  needs_login: boolean;
}

const KEPT_AS = 'plantroom.phone.who';
const LEFT = 'plantroom.phone.left';
const watchers = new Set<() => void>();
let current: Who | null = read();

function read(): Who | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT_AS) ?? 'null');
    return typeof kept?.person?.id === 'number' ? kept : null;
  } catch {
    return null;
  }
}

function keep(next: Who | null): void {
  current = next;
  try {
    if (next) {
      localStorage.setItem(KEPT_AS, JSON.stringify(next));
      localStorage.removeItem(LEFT);
    } else localStorage.removeItem(KEPT_AS);
  } catch {
    // Without storage the log-in lasts as long as the page.
  }
  for (const watcher of watchers) watcher();
}

export function who(): Who | null {
  return current;
}

/** After a log-in that the server has confirmed. */
export function enter(person: Person, zone: string | null): void {
  const { id, name, display_name, role } = person;
  keep({ person: { id, name, display_name, role }, zone, since_ms: Date.now(), needs_login: false });
}

/** Another person known on this phone takes it over without signal; the server asks for the password later. */
export function takeOver(person: Person): void {
  keep({ person, zone: current?.zone ?? null, since_ms: Date.now(), needs_login: true });
}

export function sessionEnded(): void {
  if (current && !current.needs_login) keep({ ...current, needs_login: true });
}

/** The server knows the session (again). */
export function sessionConfirmed(): void {
  if (current?.needs_login) keep({ ...current, needs_login: false });
}

/** Log out here. A session that could not be ended without signal must not let the person in again. */
export function leave(): void {
  keep(null);
  try {
    localStorage.setItem(LEFT, 'yes');
  } catch {
    // Without storage a reload asks for the log-in anyway.
  }
}

export function hasLeft(): boolean {
  try {
    return localStorage.getItem(LEFT) !== null;
  } catch {
    return false;
  }
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  const elsewhere = (event: StorageEvent) => {
    if (event.key !== KEPT_AS) return;
    current = read();
    watcher();
  };
  window.addEventListener('storage', elsewhere);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener('storage', elsewhere);
  };
}

export function useWho(): Who | null {
  return useSyncExternalStore(watch, who);
}
