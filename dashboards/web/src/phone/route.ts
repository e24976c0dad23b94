import { type MouseEvent, useSyncExternalStore } from 'react';

const watchers = new Set<() => void>();

function watch(watcher: () => void) {
  watchers.add(watcher);
  window.addEventListener('popstate', watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener('popstate', watcher);
  };
}

/** Go to a screen, e.g. `/round/12`; with `replace` the screen left behind is not come back to. */
export function go(path: string, how: 'push' | 'replace' = 'push'): void {
  const address = `/phone${path === '/' ? '' : path}`;
  if (how === 'replace') window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  window.scrollTo(0, 0);
  for (const watcher of watchers) watcher();
}

export function back(): void {
  if (window.history.length > 1) window.history.back();
  else go('/');
}

/** The parts of the address after `/phone`, e.g. `['round', '12']`. */
export function useRoute(): string[] {
  const path = useSyncExternalStore(watch, () => window.location.pathname);
  return path.split('/').filter(Boolean).slice(1);
}

/** For links: a press stays in the app, a press with a modifier key is the browser's. */
export function follow(path: string) {
  return {
    href: `/phone${path === '/' ? '' : path}`,
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      go(path);
    },
  };
}
