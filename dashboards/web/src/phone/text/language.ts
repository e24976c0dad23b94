import { useSyncExternalStore } from 'react';

export type Language = 'en' | 'zh';
export interface Label {
  en: string;
  zh: string;
}

const KEPT_AS = 'plantroom.language'; // the desk's key too: one choice for one person
const watchers = new Set<() => void>();
let current: Language = globalThis.document?.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

export function language(): Language {
  return current;
}

/** A name that the server gave in both languages. */
export function say(label: Label | null | undefined): string {
  return label ? label[current] || label.en || label.zh : '';
}

/** Change the language on screen and keep the choice on this phone. */
export function speak(next: Language): void {
  current = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // Private windows may forbid storage; the choice then lasts as long as the page.
  }
  for (const watcher of watchers) watcher();
}

/** The language on screen; the component is drawn again when it changes. */
export function useLanguage(): Language {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, language);
}
