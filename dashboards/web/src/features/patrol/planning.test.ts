import { describe, expect, it } from 'vitest';
import { lanesOf, legState } from './marks';
import { metresOf } from './planning';

describe('marks on the timeline', () => {
  const leg = { state: 'pending', is_overdue: true } as Parameters<typeof legState>[0];

  it('call nothing overdue while the round is suspended', () => {
    expect(legState(leg, { state: 'started' })).toBe('overdue');
    expect(legState(leg, { state: 'suspended' })).toBe('waiting');
  });

  it('put rounds that overlap below each other', () => {
    const round = (from: string, to: string) =>
      ({ starts_at: `2026-01-01T${from}Z`, window_ends_at: `2026-01-01T${to}Z` }) as Parameters<
        typeof lanesOf
      >[0][number];
    const [a, b, c] = [round('08:00', '09:00'), round('08:30', '10:00'), round('09:00', '10:00')];
    expect(lanesOf([a, b, c])).toEqual([[a, c], [b]]);
  });
});

describe('metres of a walk', () => {
  it('count only steps on one plan whose scale is known', () => {
    const spots = [
      { plan_id: 1, x: 0, y: 0 },
      { plan_id: 1, x: 300, y: 400 },
      { plan_id: 2, x: 0, y: 0 },
    ];
    expect(metresOf(spots, (plan) => (plan === 1 ? 50 : null))).toBe(25);
    expect(metresOf(spots, () => null)).toBeNull();
  });
});
