import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Text } from './en';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Text };
    returnNull: false;
  }
}

export type Language = 'en' | 'zh';
export type Label = { en: string; zh: string };

const KEPT_AS = 'plantroom.language';
const LOADERS = { en: () => import('./en'), zh: () => import('./zh') };

/** The language on screen now. */
export function language(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

/** Start with the kept choice, else the browser's; only that language is loaded. */
export async function startText(): Promise<void> {
  const first: Language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
  await i18next.use(initReactI18next).init({
    lng: first,
    resources: { [first]: { translation: (await LOADERS[first]()).default } },
    interpolation: { escapeValue: false },
    react: { bindI18nStore: 'added' },
  });
  showLanguage(first);
}

/** Change what is on screen and keep the choice in this browser. */
export async function speak(next: Language): Promise<void> {
  keep(next);
  if (next === language()) return;
  if (!i18next.hasResourceBundle(next, 'translation')) {
    i18next.addResourceBundle(next, 'translation', (await LOADERS[next]()).default);
  }
  await i18next.changeLanguage(next);
  showLanguage(next);
}

/** Whether this browser's user chose a language here (the account's choice then does not override it). */
export function keptLanguage(): Language | null {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept === 'en' || kept === 'zh' ? kept : null;
  } catch {
    return null;
  }
}

function keep(next: Language) {
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // Private windows may forbid storage; the choice then lasts as long as the page.
  }
}

function showLanguage(shown: Language) {
  document.documentElement.lang = shown === 'zh' ? 'zh-CN' : 'en';
}
