import type { FormItem } from '@/nouns/patrol/queries';

export type ItemType = FormItem['type'];
export const TYPES: ItemType[] = ['check', 'number', 'choice', 'text', 'photo', 'signature'];
export type Choices = Extract<FormItem, { type: 'choice' }>['options'];
type Common = Pick<FormItem, 'key' | 'name' | 'help' | 'picture_id' | 'required' | 'when'>;

/** A row of the editor: the item, and a name of its own that survives moving and renaming. */
export interface Row {
  id: string;
  item: FormItem;
}

export function rowOf(item: FormItem): Row {
  return { id: crypto.randomUUID(), item };
}

/** The first key of this kind that is not taken: `item-1`, `item-2`. */
export function freeKey(stem: string, taken: readonly string[]): string {
  let number = taken.length + 1;
  while (taken.includes(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

/** A new item of a kind; what both kinds have in common stays. */
export function itemOf(type: ItemType, before: Common): FormItem {
  const { key, name, help, picture_id, required, when } = before;
  const common = { key, name, help, picture_id, required, when };
  switch (type) {
    case 'check':
      return { ...common, type, photo_on_fail: false, severity: 'medium' };
    case 'number':
      return { ...common, type, unit: null, decimals: 1, low: null, high: null, severity: 'medium' };
    case 'choice':
      return { ...common, type, options: [newOption([]), newOption(['option-1'])], severity: 'medium' };
    case 'text':
      return { ...common, type, most: 1000 };
    case 'photo':
      return { ...common, type, least: 1, most: 5 };
    case 'signature':
      return { ...common, type };
  }
}

export function newOption(taken: readonly string[]): Choices[number] {
  return { key: freeKey('option', taken), name: { en: '', zh: '' }, finding: false };
}

/** Items whose answers can be told apart in advance: only on these another can depend. */
export function canDecide(item: FormItem): boolean {
  return item.type === 'check' || item.type === 'choice';
}

/** Whether an item is asked, given what was answered so far. */
export function isAsked(item: FormItem, answers: Record<string, string>): boolean {
  if (!item.when) return true;
  const given = answers[item.when.item];
  return given !== undefined && item.when.any_of.some((value) => String(value) === given);
}
