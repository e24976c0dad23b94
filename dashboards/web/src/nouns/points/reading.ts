import { type LiveValue, QUALITY } from '@/live/store';
import type { Point } from '@/nouns/assets/queries';
import { number } from '@/text/format';
import type { Label } from '@/text/i18n';

/** How much a value on screen may be believed. */
export type Trust = 'none' | 'stale' | 'suspect' | 'bad' | 'live';

const SHORTEST_STALE_MS = 60_000;

export function trustOf(
  point: Pick<Point, 'interval_s'>,
  reading: LiveValue | undefined,
  nowMs: number,
): Trust {
  if (!reading) return 'none';
  if (nowMs - reading.at > Math.max(SHORTEST_STALE_MS, 3 * point.interval_s * 1000)) return 'stale';
  if (reading.value === null || reading.quality === QUALITY.bad) return 'bad';
  return reading.quality === QUALITY.suspect ? 'suspect' : 'live';
}

export function isNumeric(point: Pick<Point, 'kind'>): boolean {
  return point.kind === 'analog' || point.kind === 'counter';
}

/** Which side of its normal band a value lies on; null inside, without a band, and for states. */
export function sideOf(
  point: Pick<Point, 'kind' | 'normal'>,
  value: LiveValue['value'],
): 'above' | 'below' | null {
  if (!point.normal || !isNumeric(point) || typeof value !== 'number') return null;
  if (value > point.normal[1]) return 'above';
  return value < point.normal[0] ? 'below' : null;
}

/** The numbers of the bits that are set in a flags value. */
export function bitsOf(value: number): number[] {
  return Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => (value >> bit) & 1);
}

/** A value as words: a number with its decimals, the name of a state, the names of the flags set. */
export function valueText(
  point: Pick<Point, 'kind' | 'decimals' | 'states' | 'bits'>,
  value: LiveValue['value'],
  label: (label: Label) => string,
): string {
  if (value === null) return '—';
  if (typeof value === 'string') return value;
  if (point.kind === 'flags') return flagText(point, value, label);
  if (point.kind === 'state') {
    const name = point.states?.[String(value)];
    return name ? label(name) : String(value);
  }
  return number(value, point.decimals ?? (Number.isInteger(value) ? 0 : 2));
}

function flagText(point: Pick<Point, 'bits'>, value: number, label: (label: Label) => string): string {
  const names = bitsOf(value).map(
    (bit) => point.bits?.[String(bit)] ?? { en: `bit ${bit}`, zh: `第${bit}位` },
  );
  return names.length
    ? names.map(label).join(label({ en: ', ', zh: '、' }))
    : label({ en: 'none', zh: '无' });
}
