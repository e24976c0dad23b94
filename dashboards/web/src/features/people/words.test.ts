import { expect, it } from 'vitest';
import { dayName } from './words';

it('names the day of the calendar wherever the browser stands', () => {
  expect(dayName('2026-03-02', 'zh')).toBe('周一');
  expect(dayName('2026-03-08', 'en')).toBe('Sun');
});
