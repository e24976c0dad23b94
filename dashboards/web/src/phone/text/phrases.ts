import en, { type Text } from './en';
import { language, useLanguage } from './language';
import zh from './zh';

export function phrases(): Text {
  return language() === 'zh' ? zh : en;
}

/** All texts of the app behind the log-in, in the language on screen. */
export function useText(): Text {
  useLanguage();
  return phrases();
}
