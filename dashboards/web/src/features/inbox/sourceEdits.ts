import type { SourceChoice, UnknownSource } from './queries';

/** What somebody typed instead of what was guessed; texts as they stand in the fields. */
export interface SourceEdit {
  key: string;
  en: string;
  zh: string;
  kind: UnknownSource['guess']['kind'];
  quantity: string;
  unit: string;
  interval: string;
  scale: string;
}

export type SourceEdits = ReadonlyMap<string, SourceEdit>;

export function asGuessed({ guess }: Pick<UnknownSource, 'guess'>): SourceEdit {
  return {
    key: guess.key,
    en: guess.name.en,
    zh: guess.name.zh,
    kind: guess.kind,
    quantity: guess.quantity,
    unit: guess.unit ?? '',
    interval: String(guess.interval_s),
    scale: String(guess.scale),
  };
}

/** What the fields hold of another point of the type: its own name, kind and unit, but our scale and interval. */
export function asPoint(edit: SourceEdit, point: Pick<UnknownSource['guess'], ProfileFields>): SourceEdit {
  return {
    ...edit,
    key: point.key,
    en: point.name.en,
    zh: point.name.zh,
    kind: point.kind,
    quantity: point.quantity,
    unit: point.unit ?? '',
  };
}

type ProfileFields = 'key' | 'name' | 'kind' | 'quantity' | 'unit';

/** Only what differs from the guess: the rest stays what the server knows of the type. */
export function choiceOfSource(source: UnknownSource, edit: SourceEdit | undefined): SourceChoice {
  if (!edit) return { source: source.source };
  const was = asGuessed(source);
  const isNamed = edit.en !== was.en || edit.zh !== was.zh;
  return {
    source: source.source,
    ...(edit.key !== was.key && { key: edit.key.trim() }),
    ...(isNamed && { name: { en: edit.en.trim(), zh: edit.zh.trim() } }),
    ...(edit.kind !== was.kind && { kind: edit.kind }),
    ...(edit.quantity !== was.quantity && { quantity: edit.quantity.trim() }),
    ...(edit.unit !== was.unit && { unit: edit.unit.trim() }),
    ...(edit.interval !== was.interval && { interval_s: Number(edit.interval) }),
    // another point of the type may be kept in another unit: the factor is said with it
    ...((edit.scale !== was.scale || edit.key !== was.key) && { scale: Number(edit.scale) }),
  };
}
