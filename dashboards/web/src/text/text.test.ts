import { describe, expect, it } from 'vitest';
import { allTexts } from '@/test/texts';
import { countdown, duration, number } from './format';

const en = await allTexts('en');
const zh = await allTexts('zh');

function flat(node: object, at = ''): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${at}${key}`, value] as [string, string]] : flat(value, `${at}${key}.`),
  );
}

const holes = (text: string) =>
  [...new Set([...text.matchAll(/{{(\w+)}}/g)].map((found) => found[1]))].sort();

describe('both languages', () => {
  const chinese = new Map(flat(zh));

  it('say the same things', () => {
    expect([...chinese.keys()].sort()).toEqual(
      flat(en)
        .map(([key]) => key)
        .sort(),
    );
  });

  it('fill in the same facts', () => {
    // "once" needs no number in English.
    const differing = flat(en).filter(
      ([key, text]) => !key.endsWith('_one') && `${holes(text)}` !== `${holes(chinese.get(key) ?? '')}`,
    );
    expect(differing).toEqual([]);
  });

  it('leave nothing empty', () => {
    expect([...flat(en), ...flat(zh)].filter(([, text]) => !text.trim())).toEqual([]);
  });
});

describe('durations and numbers', () => {
  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_600_000 + 10 * 60_000, '1 h 10 min'],
    [26 * 3_600_000, '1 d 2 h'],
    [40 * 86_400_000, '40 d'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms, 'en')).toBe(text));

  it('has no spaces in Chinese', () => expect(duration(3_660_000, 'zh')).toBe('1小时1分钟'));

  it.each([
    [65_000, '1:05'],
    [3_661_000, '1:01:01'],
    [-5, '0:00'],
  ])('counts %d ms down as %s', (ms, text) => expect(countdown(ms)).toBe(text));

  it.each([
    [1234.5, 1, '1234.5'],
    [12345.67, 1, '12\u2009345.7'],
    [-3.2, 1, '\u22123.2'],
    [-0.01, 1, '0.0'],
  ])('writes %d with %d decimals as %s', (value, decimals, text) =>
    expect(number(value, decimals)).toBe(text),
  );
});
