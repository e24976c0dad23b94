import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEPT_AS = 'plantroom.theme';
const watchers = new Set<() => void>();

function current(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light';
}

/** Switch and keep the choice in this browser; public/before-paint.js sets it at the next load. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEPT_AS, theme);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  for (const watcher of watchers) watcher();
}

export function useTheme(): Theme {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, current);
}
