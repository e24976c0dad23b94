import { expect, test } from 'vitest';
import { isMonth, monthOf, monthsUpTo, spanOf } from './months';

test('a month begins and ends at midnight of the site, whatever the browser thinks', () => {
  expect(spanOf('2026-02', '2026-02', 'Asia/Shanghai')).toEqual({
    from: '2026-01-31T16:00:00.000Z',
    to: '2026-02-28T16:00:00.000Z',
  });
});

test('a month in which clocks change has both its offsets', () => {
  expect(spanOf('2026-03', '2026-03', 'Europe/Berlin')).toEqual({
    from: '2026-02-28T23:00:00.000Z',
    to: '2026-03-31T22:00:00.000Z',
  });
});

test('the last minute of a month belongs to it where the site is', () => {
  expect(monthOf(Date.parse('2026-01-31T16:30:00Z'), 'Asia/Shanghai')).toBe('2026-02');
});

test('twelve months cross the year', () => {
  const months = monthsUpTo('2026-02', 12);
  expect([months[0], months[10], months[11]]).toEqual(['2025-03', '2026-01', '2026-02']);
});

test('an address with something else is no month', () => {
  expect(['2026-13', '26-01', '2026-1', null, 'now'].some(isMonth)).toBe(false);
});
