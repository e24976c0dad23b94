import dayjs from 'dayjs';
import timezone from 'dayjs/plugin/timezone';
import utc from 'dayjs/plugin/utc';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Label, Language } from './i18n';
import { useSiteZone } from './zone';

dayjs.extend(utc);
dayjs.extend(timezone);

export type Instant = string | number;

const UNITS = {
  en: { s: ' s', min: ' min', h: ' h', d: ' d' },
  zh: { s: '秒', min: '分钟', h: '小时', d: '天' },
};

/** A duration in its two largest units: `42 s`, `4 min`, `2 h 10 min`, `3 d 4 h`. */
export function duration(ms: number, language: Language): string {
  const unit = UNITS[language];
  const joint = language === 'zh' ? '' : ' ';
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s}${unit.s}`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min}${unit.min}`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 ? `${h}${unit.h}${joint}${min % 60}${unit.min}` : `${h}${unit.h}`;
  const d = Math.floor(h / 24);
  return h % 24 && d < 10 ? `${d}${unit.d}${joint}${h % 24}${unit.h}` : `${d}${unit.d}`;
}

/** A running countdown, to the second: `4:05`, `1:02:09`. */
export function countdown(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(s / 3600);
  return `${h ? `${h}:${two(Math.floor((s % 3600) / 60))}` : Math.floor(s / 60)}:${two(s % 60)}`;
}

/** A number with its decimals, thousands separated by a thin space, minus as a minus sign. */
export function number(value: number, decimals: number): string {
  const fixed = Math.abs(value).toFixed(decimals);
  const [whole = '0', rest] = fixed.split('.');
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, '\u2009') : whole;
  const isNegative = value < 0 && Number(fixed) !== 0;
  return `${isNegative ? '\u2212' : ''}${grouped}${rest ? `.${rest}` : ''}`;
}

export function instantMs(at: Instant): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

/** Times in the site's zone, labels and durations in the person's language. */
export function useFormat() {
  const { i18n } = useTranslation();
  const zone = useSiteZone();
  const language: Language = i18n.language === 'zh' ? 'zh' : 'en';
  return useMemo(
    () => ({
      language,
      zone,
      label: (label: Label) => label[language] || label.en,
      time: (at: Instant) => dayjs(at).tz(zone).format('YYYY-MM-DD HH:mm:ss'),
      clock: (at: Instant) => dayjs(at).tz(zone).format('HH:mm:ss'),
      short: (at: Instant) => dayjs(at).tz(zone).format('MM-DD HH:mm'),
      duration: (ms: number) => duration(ms, language),
      list: (words: string[]) => words.join(language === 'zh' ? '、' : ', '),
    }),
    [language, zone],
  );
}
