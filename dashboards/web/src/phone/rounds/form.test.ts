import { describe, expect, it } from 'vitest';
import type { FormItem } from '../api';
import { answersOf, asked, isOutside, problemOf, scaled } from './form';

const name = { en: 'x', zh: 'x' };
const leaks: FormItem = { type: 'check', key: 'leaks', name, required: true, photo_on_fail: true };
const where: FormItem = {
  type: 'text',
  key: 'where',
  name,
  required: true,
  when: { item: 'leaks', any_of: ['fail'] },
};
const pressure: FormItem = {
  type: 'number',
  key: 'p',
  name,
  required: true,
  decimals: 2,
  low: 0.4,
  high: 0.8,
};

describe('a number as typed', () => {
  it.each([
    ['4.35', 2, 435],
    ['0,62', 2, 62],
    ['-3', 1, -30],
    ['−0.5', 1, -5],
    ['.5', 1, 5],
    ['12.', 0, 12],
    ['1.255', 2, 126],
    ['0', 2, 0],
  ])('%s with %d decimals is %d', (text, decimals, value) => expect(scaled(text, decimals)).toBe(value));

  it.each(['', '.', 'abc', '1.2.3', '1e5', '--1', '99999999999999999999'])('%s is none', (text) =>
    expect(scaled(text, 2)).toBeNull(),
  );
});

describe('a form', () => {
  it('asks only what belongs to the answers so far', () => {
    expect(asked([leaks, where], {})).toEqual([leaks]);
    expect(asked([leaks, where], { leaks: 'fail' })).toEqual([leaks, where]);
  });

  it('leaves out of the answers what is not asked any more', () => {
    const values = { leaks: 'pass', where: 'valve', p: '0.5' };
    expect(answersOf([leaks, where, pressure], values)).toEqual({ leaks: 'pass', p: 50 });
  });

  it('wants a photo of what is not in order', () => {
    expect(problemOf(leaks, { leaks: 'fail' })).toBe('photos');
    expect(problemOf(leaks, { leaks: 'fail', 'leaks.photos': ['id'] })).toBeNull();
  });

  it('shows a reading outside of its limits, and takes it', () => {
    expect(isOutside(pressure, { p: '0.81' })).toBe(true);
    expect(isOutside(pressure, { p: '0.80' })).toBe(false);
    expect(problemOf(pressure, { p: '0.81' })).toBeNull();
    expect(problemOf(pressure, { p: 'high' })).toBe('not_a_number');
  });
});
