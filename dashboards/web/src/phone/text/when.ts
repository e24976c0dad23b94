import { language } from './language';

let zone: string | undefined;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Times are shown in the site's zone, wherever the phone believes to be. */
export function setZone(next: string | null): void {
  zone = next ?? undefined;
}

function parts(at: number): Record<string, string> {
  const key = zone ?? '';
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(key, format);
  }
  return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

export function ms(at: string | number): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

/** `2026-01-31 08:00:00` in the site's zone. */
export function fullTime(at: string | number): string {
  const p = parts(ms(at));
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
}

/** `08:00` today, `01-31 08:00` on another day, in the site's zone. */
export function shortTime(at: string | number, now = Date.now()): string {
  const [p, today] = [parts(ms(at)), parts(now)];
  const clock = `${p.hour}:${p.minute}`;
  return p.day === today.day && p.month === today.month ? clock : `${p.month}-${p.day} ${clock}`;
}

/** Both ends of a window; the day stands at the end only where it is another than at the start. */
export function shortSpan(from: string | number, to: string | number): [string, string] {
  return [shortTime(from), shortTime(to, ms(from))];
}

const UNITS = {
  en: [' s', ' min', ' h', ' d'],
  zh: ['秒', '分钟', '小时', '天'],
} as const;

/** A duration in its two largest units. */
export function duration(length: number): string {
  const unit = UNITS[language()];
  const joint = language() === 'zh' ? '' : ' ';
  const s = Math.max(0, Math.round(length / 1000));
  if (s < 60) return `${s}${unit[0]}`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min}${unit[1]}`;
  const [h, d] = [Math.floor(min / 60), Math.floor(min / 1440)];
  if (h < 24) return min % 60 ? `${h}${unit[2]}${joint}${min % 60}${unit[1]}` : `${h}${unit[2]}`;
  return h % 24 ? `${d}${unit[3]}${joint}${h % 24}${unit[2]}` : `${d}${unit[3]}`;
}

/** A running countdown to the second. */
export function countdown(left: number): string {
  const s = Math.max(0, Math.ceil(left / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return s >= 3600
    ? `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`
    : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
