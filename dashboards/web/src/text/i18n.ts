import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { PARTS, type Part, type Text } from './parts';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Text };
    returnNull: false;
  }
}

export type Language = 'en' | 'zh';
export type Label = { en: string; zh: string };

const KEPT_AS = 'plantroom.language';

let start = () => {};
const started = new Promise<void>((resolve) => {
  start = resolve;
});
const wanted = new Set<Part>(['shell']);
const had = new Set<string>();
/** The language on screen, or about to be. */
let chosen: Language = 'en';

/** The language on screen now. */
export function language(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

/** Start with the kept choice, else the browser's; only that language is loaded. */
export async function startText(): Promise<void> {
  chosen = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
  await i18next.use(initReactI18next).init({
    lng: chosen,
    resources: {},
    interpolation: { escapeValue: false },
  });
  start();
  await fetchTexts(chosen);
  showLanguage(chosen);
}

/** Have these parts of the texts at hand, now and in a language that is chosen later. */
export async function haveTexts(parts: readonly Part[]): Promise<void> {
  for (const part of parts) wanted.add(part);
  await fetchTexts(chosen);
}

/** Change what is on screen and keep the choice in this browser. */
export async function speak(next: Language): Promise<void> {
  keep(next);
  if (next === chosen) return;
  chosen = next;
  try {
    await fetchTexts(next);
  } catch (error) {
    chosen = language();
    throw error;
  }
  if (next !== chosen) return;
  await i18next.changeLanguage(next);
  showLanguage(next);
}

async function fetchTexts(of: Language): Promise<void> {
  const missing = [...wanted].filter((part) => !had.has(`${part}.${of}`));
  const texts = await Promise.all(missing.map((part) => PARTS[part][of]()));
  await started;
  for (const text of texts) {
    // Silent: nothing on screen waits for them, a page is shown when its texts are there.
    i18next.addResourceBundle(of, 'translation', text.default, true, true, { silent: true });
  }
  for (const part of missing) had.add(`${part}.${of}`);
  // Another language was chosen meanwhile: what is shown next is in that one.
  if (of !== chosen) await fetchTexts(chosen);
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
