import dayjs from 'dayjs';

const CLOCK = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2}))?$/;

/** A time as people type it, `2026-11-22 04:37` or only the day, in a time zone; null where it is none. */
export function readClock(text: string, zone: string): number | null {
  const found = CLOCK.exec(text.trim());
  if (!found) return null;
  const [year = '', month = '', day = '', hour = '0', minute = '0'] = found
    .slice(1)
    .map((part) => part ?? '0');
  const two = (part: string) => part.padStart(2, '0');
  const clock = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`;
  const at = dayjs.tz(clock, zone);
  // 2026-02-31 would roll over into March.
  return at.isValid() && at.format('YYYY-MM-DD HH:mm') === clock ? at.valueOf() : null;
}
