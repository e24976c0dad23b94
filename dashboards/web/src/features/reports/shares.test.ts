import { expect, test } from 'vitest';
import { percent } from './shares';

test('nothing due is no share', () => {
  expect(percent(null)).toBe('—');
  expect(percent(0)).toBe('0.0 %');
});

test('almost all is not all, and almost none is not none', () => {
  expect([percent(1), percent(0.9999), percent(0.0001)]).toEqual(['100.0 %', '> 99.9 %', '< 0.1 %']);
});
