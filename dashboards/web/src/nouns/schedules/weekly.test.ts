import { describe, expect, it } from 'vitest';
import { readRule, writeRule } from './weekly';

describe('a rule of weekdays', () => {
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
});
