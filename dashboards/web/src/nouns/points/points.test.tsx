// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { serverNow } from '@/live/clock';
import { liveStore } from '@/live/store';
import type { Point } from '@/nouns/assets/queries';
import { drawnOf, type History, withGaps } from './history';
import { bitsOf, sideOf, trustOf, valueText } from './reading';
import { Value } from './Value';

const point: Point = {
  id: 1,
  asset_id: 1,
  key: 'motor_temp',
  name: { en: 'Motor temperature', zh: '电机温度' },
  kind: 'analog',
  quantity: 'temperature',
  unit: '°C',
  interval_s: 10,
  normal: [10, 75],
  physical: null,
  decimals: 1,
  states: null,
  bits: null,
  scale: 1,
  offset: 0,
  device: 'elevator-a1',
  source: 'motor_temp',
};
const english = (label: { en: string }) => label.en;

describe('a value', () => {
  it('that never came is not a number', () => {
    render(<Value point={{ ...point, id: 101 }} />);
    expect(screen.getByText('no data')).toBeTruthy();
    expect(screen.queryByText(/0/)).toBeNull();
  });

  it('that is old says how old', () => {
    liveStore.put([[102, serverNow() - 10 * 60_000, 41.5, 0]]);
    render(<Value point={{ ...point, id: 102 }} />);
    expect(screen.getByText(/stale, 10 min old/)).toBeTruthy();
  });

  it('above its band says so in words', () => {
    liveStore.put([[103, serverNow(), 80, 0]]);
    render(<Value point={{ ...point, id: 103 }} />);
    expect(screen.getByText(/above normal/)).toBeTruthy();
  });

  it('without a number from the device is bad, not zero', () => {
    liveStore.put([[104, serverNow(), null, 3]]);
    render(<Value point={{ ...point, id: 104 }} />);
    expect(screen.getByText('bad quality')).toBeTruthy();
    expect(screen.getByText('no data')).toBeTruthy();
  });

  it('that a person typed says so, and when', () => {
    liveStore.put([[105, serverNow() - 30_000, 7, 4]]);
    render(<Value point={{ ...point, id: 105 }} />);
    expect(screen.getByText('typed by hand')).toBeTruthy();
    expect(screen.getByText(/30 s ago/)).toBeTruthy();
  });
});

describe('reading a value', () => {
  it('is stale after three intervals, but not before a minute', () => {
    const at = { at: 0, value: 1, quality: 0 };
    expect(trustOf({ interval_s: 10 }, at, 59_000)).toBe('live');
    expect(trustOf({ interval_s: 10 }, at, 61_000)).toBe('stale');
    expect(trustOf({ interval_s: 60 }, at, 170_000)).toBe('live');
    expect(trustOf({ interval_s: 60 }, undefined, 0)).toBe('none');
  });

  it('names states and flags', () => {
    const state = { ...point, kind: 'state' as const, states: { '2': { en: 'Open', zh: '打开' } } };
    expect(valueText(state, 2, english)).toBe('Open');
    expect(valueText(state, 7, english)).toBe('7');
    const flags = { ...point, kind: 'flags' as const, bits: { '1': { en: 'Fire', zh: '火警' } } };
    expect(valueText(flags, 0b110, english)).toBe('Fire, bit 2');
    expect(bitsOf(0b101)).toEqual([0, 2]);
  });

  it('has a side only for measured points', () => {
    expect(sideOf(point, 75)).toBeNull();
    expect(sideOf(point, 75.1)).toBe('above');
    expect(sideOf(point, 9)).toBe('below');
    expect(sideOf({ ...point, kind: 'state' }, 99)).toBeNull();
  });
});

describe('a line', () => {
  const history = (times: number[]): History => ({
    point: 1,
    resolution: 'raw',
    samples: times.map((at) => [at, 1, 1, 1, 1, 1, 0]),
  });

  it('is broken where nothing was measured', () => {
    const line = withGaps(history([0, 10_000, 20_000, 300_000, 310_000]), 10, drawnOf(point));
    expect(line.map(([, value]) => value)).toEqual([1, 1, 1, null, 1, 1]);
  });

  it('is whole when one reading is late', () => {
    expect(withGaps(history([0, 10_000, 75_000]), 10, drawnOf(point)).every(([, value]) => value === 1)).toBe(
      true,
    );
  });

  it('uses the last value of a state', () => {
    const state = drawnOf({ kind: 'state' });
    expect(state([0, 1, 3, 1.7, 3, 9, 0])).toBe(3);
    expect(state([0, null, null, null, 'A3', 1, 0])).toBeNull();
    expect(drawnOf(point)([0, 1, 3, 1.7, 3, 9, 0])).toBe(1.7);
  });
});
