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
