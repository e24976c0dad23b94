import type { Instant } from '@/text/format';
import type { Language } from '@/text/i18n';
import type { Working } from './queries';

/** The name of a weekday, short: of a date as it stands in the calendar. */
export function dayName(day: string, language: Language): string {
  const at = new Date(`${day}T12:00:00Z`);
  return new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    weekday: 'short',
    timeZone: 'UTC',
  }).format(at);
}

/** From when to when, on the site's clocks: ``20:00–08:00``. */
export function hoursOf(one: Working, clock: (at: Instant) => string): string {
  return `${clock(one.starts_at).slice(0, 5)}–${clock(one.ends_at).slice(0, 5)}`;
}

/** Everybody's names. */
export function namesOf(one: Working): string[] {
  return one.people.map((duty) => duty.user.display_name);
}

export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Repeat {
  /** Every so many weeks. */
  every: number;
  days: Weekday[];
}

/** What a form can show of a rule; null for a rule that only its text says. */
export function readRule(rule: string): Repeat | null {
  if (rule === 'FREQ=DAILY') return { every: 1, days: [...WEEKDAYS] };
  const found = /^FREQ=WEEKLY(?:;INTERVAL=(\d+))?;BYDAY=([A-Z,]+)$/.exec(rule);
  if (!found) return null;
  const days = (found[2] ?? '').split(',');
  const known = WEEKDAYS.filter((day) => days.includes(day));
  return known.length === days.length ? { every: Number(found[1] ?? 1), days: known } : null;
}

/** The rule of days (RFC 5545) for what a form shows. */
export function writeRule({ every, days }: Repeat): string {
  if (every === 1 && days.length === WEEKDAYS.length) return 'FREQ=DAILY';
  const interval = every > 1 ? `;INTERVAL=${every}` : '';
  return `FREQ=WEEKLY${interval};BYDAY=${WEEKDAYS.filter((day) => days.includes(day)).join(',')}`;
}
