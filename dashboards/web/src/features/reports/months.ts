import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';

dayjs.extend(utc);
dayjs.extend(timezone);

/** [from, to) as the API takes it. */
export interface Span {
  from: string;
  to: string;
}

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;

export function isMonth(text: string | null): text is string {
  return text !== null && MONTH.test(text);
}

/** The month, `YYYY-MM`, of an instant in a zone. */
export function monthOf(at: number, zone: string): string {
  return dayjs(at).tz(zone).format('YYYY-MM');
}

/** So many months later; earlier when negative. */
export function monthsOn(month: string, by: number): string {
  return dayjs.utc(`${month}-01`).add(by, 'month').format('YYYY-MM');
}

/** From the first month's beginning to the last one's end, in the zone of the site. */
export function spanOf(first: string, last: string, zone: string): Span {
  const begin = (month: string) => dayjs.tz(`${month}-01 00:00`, zone).toISOString();
  return { from: begin(first), to: begin(monthsOn(last, 1)) };
}

/** `count` months up to `last`, the oldest first. */
export function monthsUpTo(last: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => monthsOn(last, i - count + 1));
}
