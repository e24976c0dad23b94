import { describe, expect, it } from 'vitest';
import en from '@/text/planning/en';
import zh from '@/text/planning/zh';
import { FIELDS, type FieldName, pieces } from './policyFields';

describe('the sentences of a policy', () => {
  it('are split where a field stands', () => {
    expect(pieces('up to [tolerance_s] late.').map((one) => [one.text, one.isField])).toEqual([
      ['up to ', false],
      ['tolerance_s', true],
      [' late.', false],
    ]);
  });

  it.each([
    ['en', en],
    ['zh', zh],
  ])('name their own field, in %s', (_, texts) => {
    const { said } = texts.patrol.policy;
    const wrong = (Object.keys(FIELDS) as FieldName[]).filter(
      (name) =>
        name !== 'dispatch_severities' &&
        pieces(said[name])
          .filter((one) => one.isField)
          .map((one) => one.text)
          .join() !== name,
    );
    expect(wrong).toEqual([]);
  });
});
