import { describe, expect, it } from 'vitest';
import { isAsked, itemOf, readChoices, readValues, writeChoices } from './items';

describe('a form that is edited', () => {
  it('reads back the choices it shows', () => {
    const choices = [
      { key: 'clean', name: { en: 'Clean', zh: '干净' }, finding: false },
      { key: 'oil', name: { en: 'Oil', zh: '有油' }, finding: true },
    ];
    expect(readChoices(writeChoices(choices))).toEqual(choices);
  });

  it('knows numbers and yes and no among the values of a condition', () => {
    expect(readValues('fail, 3，true')).toEqual(['fail', 3, true]);
  });

  it('asks an item only where its condition holds', () => {
    const item = itemOf('text', {
      key: 'where',
      name: { en: 'Where', zh: '何处' },
      required: true,
      when: { item: 'leaks', any_of: ['fail'] },
    });
    expect(isAsked(item, {})).toBe(false);
    expect(isAsked(item, { leaks: 'pass' })).toBe(false);
    expect(isAsked(item, { leaks: 'fail' })).toBe(true);
  });
});
