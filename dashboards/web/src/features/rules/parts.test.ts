import { expect, it } from 'vitest';
import { begun, codesOf, learns } from './parts';

it('tells being one of some states from being none of them, whichever list is empty', () => {
  expect(codesOf({ type: 'state', any_of: [2], none_of: [] })).toEqual({ isNone: false, codes: [2] });
  expect(codesOf({ type: 'state', any_of: [], none_of: [1] })).toEqual({ isNone: true, codes: [1] });
});

it('begins a condition on points that fit it', () => {
  const points = [
    { key: 'door', kind: 'state' },
    { key: 'temp', kind: 'analog' },
    { key: 'starts', kind: 'counter' },
  ];
  expect(begun('limit', points)).toEqual({ type: 'limit', point: 'temp', high: 0 });
  expect(begun('multivariate', points).points).toEqual(['temp', 'starts']);
  expect(learns({ type: 'all', of: [begun('limit', points), begun('ewma', points)] })).toBe(true);
});

it('has a code to begin with, also on points whose codes nobody tells', () => {
  const points = [{ key: 'door', kind: 'state' }];
  expect(begun('expected', points)).toEqual({ type: 'expected', point: 'door', any_of: [1], every_days: 7 });
  expect(begun('state', points).any_of).toEqual([1]);
});
