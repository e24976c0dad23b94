import type { FormItem } from '../api';
import type { Plain } from '../store/chain';

/** What was typed so far: text as typed, photos as their ids. */
export type Values = Record<string, string | string[]>;

type NumberItem = Extract<FormItem, { type: 'number' }>;

/** The items whose conditions are met; an item that is not asked meets nobody's condition. */
export function asked(items: FormItem[], values: Values): FormItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const { when } = item;
    if (when) {
      const before = items.find((one) => one.key === when.item);
      const answer = before && seen.has(before.key) ? answerOf(before, values) : null;
      if (answer === null || !when.any_of.some((wanted) => wanted === answer)) return false;
    }
    seen.add(item.key);
    return true;
  });
}

/**
 * A decimal number as typed, as a whole number of its last decimal place; null if it is none.
 *
 * Digit by digit, because 4.35 * 100 is not 435 for a computer. More decimals than asked for are rounded.
 */
export function scaled(text: string, decimals: number): number | null {
  const found = /^([-+−]?)(\d*)(?:[.,](\d*))?$/.exec(text.trim());
  if (!found || !(found[2] || found[3])) return null;
  const fraction = (found[3] ?? '').padEnd(decimals + 1, '0');
  const digits = Number(`${found[2] || '0'}${fraction.slice(0, decimals)}`);
  const value = digits + (Number(fraction[decimals]) >= 5 ? 1 : 0);
  if (!Number.isSafeInteger(value)) return null;
  return found[1] === '-' || found[1] === '−' ? 0 - value : value;
}

/** The answer as it is sent; null while there is none. */
export function answerOf(item: FormItem, values: Values): Plain {
  const value = values[item.key];
  if (value === undefined || value.length === 0) return null;
  if (item.type === 'number') return typeof value === 'string' ? scaled(value, item.decimals ?? 0) : null;
  if (item.type === 'text' && typeof value === 'string') return value.trim() || null;
  return value;
}

export type Problem = 'missing' | 'not_a_number' | 'impossible' | 'photos';

/** What still keeps an item from being recorded. The server checks again, with the same rules. */
export function problemOf(item: FormItem, values: Values): Problem | null {
  const answer = answerOf(item, values);
  if (item.type === 'number' && values[item.key]?.length && answer === null) return 'not_a_number';
  if (answer === null) return item.required ? 'missing' : null;
  if (item.type === 'number' && item.possible) {
    const value = Number(answer) / 10 ** (item.decimals ?? 0);
    if (value < item.possible[0] || value > item.possible[1]) return 'impossible';
  }
  if (item.type === 'photo' && Array.isArray(answer) && answer.length < (item.least ?? 1)) return 'photos';
  if (
    item.type === 'check' &&
    item.photo_on_fail &&
    answer === 'fail' &&
    !values[`${item.key}.photos`]?.length
  )
    return 'photos';
  return null;
}

/** Whether a typed number lies outside of its limits: shown at once, and a finding by itself. */
export function isOutside(item: NumberItem, values: Values): boolean {
  const answer = answerOf(item, values);
  if (typeof answer !== 'number') return false;
  const value = answer / 10 ** (item.decimals ?? 0);
  return (item.low != null && value < item.low) || (item.high != null && value > item.high);
}

/** All answers of the items that were asked, as they stand in the event. */
export function answersOf(items: FormItem[], values: Values): Record<string, Plain> {
  const answers: Record<string, Plain> = {};
  for (const item of asked(items, values)) {
    answers[item.key] = answerOf(item, values);
    const photos = values[`${item.key}.photos`];
    if (item.type === 'check' && answers[item.key] === 'fail' && Array.isArray(photos) && photos.length)
      answers[`${item.key}.photos`] = photos;
  }
  return answers;
}
