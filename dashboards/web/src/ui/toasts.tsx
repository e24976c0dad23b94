import { useSyncExternalStore } from 'react';
import styles from './toasts.module.css';

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 5000;

let toasts: Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();

function show(next: Toast[]) {
  toasts = next;
  for (const watcher of watchers) watcher();
}

/** Say briefly that something was done; it is read aloud and goes away by itself. */
export function tell(text: string): void {
  const id = nextId++;
  show([...toasts.slice(-2), { id, text }]);
  setTimeout(() => show(toasts.filter((toast) => toast.id !== id)), SHOWN_MS);
}

function watch(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div className={styles.toasts} role="status" aria-live="polite">
      {shown.map((toast) => (
        <p key={toast.id}>{toast.text}</p>
      ))}
    </div>
  );
}
