import i18next from 'i18next';
import { PARTS, type Part } from '@/text/parts';

/** All texts of one language, as if every page had been opened. */
export async function allTexts(language: 'en' | 'zh'): Promise<Record<string, object>> {
  const store = i18next.createInstance();
  await store.init({ lng: language, resources: {} });
  for (const part of Object.keys(PARTS) as Part[]) {
    const { default: texts } = await PARTS[part][language]();
    store.addResourceBundle(language, 'translation', texts, true, true);
  }
  return store.getResourceBundle(language, 'translation');
}
