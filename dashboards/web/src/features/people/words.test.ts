import { describe, expect, it } from 'vitest';
import { dayName, readRule, writeRule } from './words';

describe('the rule of a shift in a form', () => {
  it.each(['FREQ=DAILY', 'FREQ=WEEKLY;BYDAY=MO,FR', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU'])(
    'comes back as it was: %s',
    (rule) => {
      const read = readRule(rule);
      expect(read && writeRule(read)).toBe(rule);
    },
  );

  it('leaves alone what the form cannot show', () => {
    expect(readRule('FREQ=MONTHLY;BYMONTHDAY=1')).toBeNull();
    expect(readRule('FREQ=WEEKLY;BYDAY=1MO')).toBeNull();
  });

  it('names the day of the calendar wherever the browser stands', () => {
    expect(dayName('2026-03-02', 'zh')).toBe('周一');
    expect(dayName('2026-03-08', 'en')).toBe('Sun');
  });
});
