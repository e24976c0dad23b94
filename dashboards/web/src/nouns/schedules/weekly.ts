export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Repeat {
  /** Every so many weeks. */
  every: number;
  days: Weekday[];
}

/** What a form or a sentence can say of a rule; null for a rule that only its text says. */
export function readRule(rule: string): Repeat | null {
  if (rule === 'FREQ=DAILY') return { every: 1, days: [...WEEKDAYS] };
  const found = /^FREQ=WEEKLY(?:;INTERVAL=(\d+))?;BYDAY=([A-Z,]+)$/.exec(rule);
  if (!found) return null;
  const days = (found[2] ?? '').split(',');
  const known = WEEKDAYS.filter((day) => days.includes(day));
  return known.length === days.length ? { every: Number(found[1] ?? 1), days: known } : null;
}

/** The rule of days (RFC 5545) for what a form or a sentence says. */
export function writeRule({ every, days }: Repeat): string {
  if (every === 1 && days.length === WEEKDAYS.length) return 'FREQ=DAILY';
  const interval = every > 1 ? `;INTERVAL=${every}` : '';
  return `FREQ=WEEKLY${interval};BYDAY=${WEEKDAYS.filter((day) => days.includes(day)).join(',')}`;
}
