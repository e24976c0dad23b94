import type { Point } from '@/nouns/assets/queries';
import { bitsOf } from '@/nouns/points/reading';
import type { Severity } from '@/ui/severity';

export interface FireLoop {
  number: string;
  components: Point[];
}

/** The components of each loop, by the keys of the profile: `loop_1_03` is number 03 of loop 1. */
export function loopsOf(points: Point[]): FireLoop[] {
  const loops = new Map<string, Point[]>();
  for (const point of points) {
    const number = /^loop_(\d+)_\d+$/.exec(point.key)?.[1];
    if (number) loops.set(number, [...(loops.get(number) ?? []), point]);
  }
  return [...loops].map(([number, components]) => ({ number, components }));
}

/** Bits of GB/T 26875.3 that mean something is wrong, worst first. */
const ABNORMAL: [bit: number, severity: Severity][] = [
  [1, 'critical'],
  [2, 'high'],
  [8, 'high'],
  [3, 'medium'],
  [4, 'low'],
];
const NORMAL_BIT = 0;

export function componentState(value: number | null): {
  severity: Severity | null;
  isKnown: boolean;
  bits: number[];
} {
  if (value === null) return { severity: null, isKnown: false, bits: [] };
  const bits = bitsOf(value);
  const severity = ABNORMAL.find(([bit]) => bits.includes(bit))?.[1] ?? null;
  return { severity, isKnown: true, bits: bits.filter((bit) => bit !== NORMAL_BIT) };
}
