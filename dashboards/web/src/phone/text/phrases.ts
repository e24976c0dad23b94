import { useSyncExternalStore } from 'react';
import en, { type Text } from './en';
import zh from './zh';

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

export function phrases(): Text {
  return current === 'zh' ? zh : en;
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

/** All texts in the language on screen; the component is drawn again when the language changes. */
export function useText(): Text {
  useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, language);
  return phrases();
}
