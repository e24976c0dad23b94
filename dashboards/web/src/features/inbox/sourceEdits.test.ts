import { expect, it } from 'vitest';
import type { UnknownSource } from './queries';
import { asGuessed, asPoint, choiceOfSource } from './sourceEdits';

const source = {
  source: 'press',
  guess: {
    key: 'pressure',
    name: { en: 'Pressure', zh: '压力' },
    kind: 'analog',
    quantity: 'pressure',
    unit: 'kPa',
    interval_s: 10,
    scale: 100,
  },
} as UnknownSource;

it('sends what was guessed as the source alone', () => {
  expect(choiceOfSource(source, undefined)).toEqual({ source: 'press' });
  expect(choiceOfSource(source, asGuessed(source))).toEqual({ source: 'press' });
});

it('sends only what was changed', () => {
  const edit = { ...asGuessed(source), unit: 'bar', scale: '1' };
  expect(choiceOfSource(source, edit)).toEqual({ source: 'press', unit: 'bar', scale: 1 });
});

it('keeps the factor when it becomes another point of the type', () => {
  const other = { ...source.guess, key: 'suction_pressure', name: { en: 'Suction', zh: '吸入压力' } };
  expect(choiceOfSource(source, asPoint(asGuessed(source), other))).toEqual({
    source: 'press',
    key: 'suction_pressure',
    name: other.name,
    scale: 100,
  });
});
