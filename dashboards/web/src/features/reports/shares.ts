import { number } from '@/text/format';

/** From 0 to 1; null where nothing was due, which is not 0 %. */
export type Share = number | null;

export function percent(share: Share): string {
  if (share === null) return '—';
  const rounded = number(share * 100, 1);
  // 99.96 % is not all of it, and 0.04 % is not nothing.
  if (rounded === '100.0' && share < 1) return '> 99.9 %';
  if (rounded === '0.0' && share > 0) return '< 0.1 %';
  return `${rounded} %`;
}

/** What is drawn of a share in per cent. */
export function drawn(share: Share): number | null {
  return share === null ? null : Math.round(share * 1000) / 10;
}
