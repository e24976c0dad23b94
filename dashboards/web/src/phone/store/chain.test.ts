import { describe, expect, it } from 'vitest';
import vectors from '../../../../../tests/support/patrol_chain_vectors.json';
import { canonical, type EventBody, FIRST_PREV, type Plain, seal, wellFormed } from './chain';

describe('the chain of events', () => {
  it.each(vectors.map((one) => [one.name, one] as const))('writes and seals %s', async (_, vector) => {
    expect(canonical(vector.event as unknown as Plain)).toBe(vector.canonical);
    expect((await seal(vector.event as unknown as EventBody)).hash).toBe(vector.hash);
  });

  it('links each event to the one before', () => {
    expect(vectors.map((one) => one.event.prev)).toEqual([
      FIRST_PREV,
      ...vectors.slice(0, -1).map((one) => one.hash),
    ]);
  });

  it('refuses fractions and numbers that lose digits', () => {
    for (const wrong of [1.5, Number.NaN, 2 ** 53]) expect(() => canonical({ wrong })).toThrow(TypeError);
  });

  it('has one way to write zero', () => expect(canonical(-0)).toBe('0'));

  it('replaces halves of characters, which have no UTF-8', () => {
    expect(wellFormed('a\uD83Db\uDD25c🔥')).toBe('a\uFFFDb\uFFFDc🔥');
  });
});
