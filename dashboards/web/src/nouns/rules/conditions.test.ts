import { describe, expect, it } from 'vitest';
import { limitsOf, pointsOf } from './conditions';

const phaseLoss = {
  type: 'any',
  of: [
    { type: 'limit', point: 'voltage_a', low: 120, deadband: 10 },
    {
      type: 'all',
      of: [
        { type: 'limit', point: 'voltage_b', high: 250 },
        { type: 'state', point: 'mains', any_of: [0] },
      ],
    },
  ],
};

describe('the limits of a condition', () => {
  it('are found however deep', () => {
    expect(limitsOf(phaseLoss).map((limit) => limit.point)).toEqual(['voltage_a', 'voltage_b']);
    expect(limitsOf({ type: 'no_data' })).toEqual([]);
    expect(pointsOf(phaseLoss)).toEqual(['voltage_a', 'voltage_b', 'mains']);
    expect(pointsOf({ type: 'deviation', point: 'supply', reference: 'return' })).toEqual([
      'supply',
      'return',
    ]);
    expect(pointsOf({ type: 'deviation', point: 'supply', reference: 18 })).toEqual(['supply']);
  });
});
