import type { FormItem } from '@/nouns/patrol/queries';

export type ItemType = FormItem['type'];
export const TYPES: ItemType[] = ['check', 'number', 'choice', 'text', 'photo', 'signature'];
export type Choices = Extract<FormItem, { type: 'choice' }>['options'];

/** A row of the editor: the item, and a name of its own that survives moving and renaming. */
export interface Row {
  id: string;
  item: FormItem;
}

export function rowOf(item: FormItem): Row {
  return { id: crypto.randomUUID(), item };
}

/** A new item of a kind; what both kinds have in common stays. */
export function itemOf(
  type: ItemType,
  before: Pick<FormItem, 'key' | 'name' | 'help' | 'picture_id' | 'required' | 'when'>,
): FormItem {
  const { key, name, help, picture_id, required, when } = before;
  const common = { key, name, help, picture_id, required, when };
  switch (type) {
    case 'check':
      return { ...common, type, photo_on_fail: false, severity: 'medium' };
    case 'number':
      return { ...common, type, unit: null, decimals: 1, low: null, high: null, severity: 'medium' };
    case 'choice':
      return { ...common, type, options: [], severity: 'medium' };
    case 'text':
      return { ...common, type, most: 1000 };
    case 'photo':
      return { ...common, type, least: 1, most: 5 };
    case 'signature':
      return { ...common, type };
  }
}

/** Choices, one a line: `key = English = Chinese`; a star in front marks a defect. */
export function writeChoices(choices: Choices): string {
  return choices
    .map((one) => `${one.finding ? '*' : ''}${one.key} = ${one.name.en} = ${one.name.zh}`)
    .join('\n');
}

export function readChoices(text: string): Choices {
  return text.split('\n').flatMap((line) => {
    const finding = line.trim().startsWith('*');
    const [key = '', en = '', zh = ''] = line
      .replace('*', '')
      .split('=')
      .map((part) => part.trim());
    return key ? [{ key, name: { en: en || key, zh: zh || en || key }, finding }] : [];
  });
}

/** Values of a condition, with commas; what is a number or yes and no stays one. */
export function readValues(text: string): (string | number | boolean)[] {
  return text
    .split(/[,，]/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      if (part === 'true' || part === 'false') return part === 'true';
      return /^-?\d+$/.test(part) ? Number(part) : part;
    });
}

/** Whether an item is asked, given what was answered so far. */
export function isAsked(item: FormItem, answers: Record<string, string>): boolean {
  if (!item.when) return true;
  const given = answers[item.when.item];
  return given !== undefined && item.when.any_of.some((value) => String(value) === given);
}
