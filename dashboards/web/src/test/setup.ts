import { cleanup } from '@testing-library/react';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { afterEach, beforeAll } from 'vitest';
import { allTexts } from './texts';

beforeAll(async () => {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    resources: { en: { translation: await allTexts('en') }, zh: { translation: await allTexts('zh') } },
    interpolation: { escapeValue: false },
  });
});

afterEach(cleanup);
