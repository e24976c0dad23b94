/** A condition as data; what its fields are is known by its type. */
export interface Condition {
  type: string;
  [field: string]: unknown;
}

export type FieldKind = 'point' | 'points' | 'number' | 'codes' | 'side' | 'text';

export interface FieldSpec {
  name: string;
  kind: FieldKind;
  /** Its unit: of the point, or a word of its own. */
  unit?: 'point' | 's' | 'percent';
  /** Left out of the condition where it is empty. */
  isOptional?: boolean;
  /** Kinds of points it may name. */
  of?: readonly string[];
}

const NUMERIC = ['analog', 'counter'] as const;
const point = (of: readonly string[] = NUMERIC): FieldSpec => ({ name: 'point', kind: 'point', of });
const number = (name: string, unit?: FieldSpec['unit'], isOptional = false): FieldSpec => ({
  name,
  kind: 'number',
  ...(unit && { unit }),
  isOptional,
});

/** The form of each type, in the order in which its sentence reads. Types that are not here are written as text. */
export const FORMS: Record<string, readonly FieldSpec[]> = {
  limit: [
    point(),
    number('high', 'point', true),
    number('low', 'point', true),
    number('deadband', 'point', true),
  ],
  band: [point(), number('low', 'point'), number('high', 'point'), number('deadband', 'point', true)],
  state: [point(['state']), { name: 'any_of', kind: 'codes' }],
  flags: [point(['flags']), { name: 'any_of', kind: 'codes' }],
  flat: [point(), number('for_s', 's'), number('within', 'point', true)],
  count: [point(['state', 'counter']), number('high'), number('over_s', 's')],
  gauge: [
    { name: 'typed', kind: 'point', of: NUMERIC },
    point(),
    number('more_than', 'point'),
    number('deadband', 'point', true),
  ],
  no_data: [],
  expression: [{ name: 'text', kind: 'text' }],
  baseline: [point(), { name: 'side', kind: 'side' }, number('beyond'), number('at_least', 'point', true)],
  ewma: [point(), { name: 'side', kind: 'side' }, number('beyond'), number('at_least', 'point', true)],
  multivariate: [{ name: 'points', kind: 'points', of: NUMERIC }, number('sensitivity'), number('settle')],
};

export const LEARNED = ['baseline', 'ewma', 'multivariate'];

const NEW: Record<string, Omit<Condition, 'type'>> = {
  limit: { high: 0 },
  band: { low: 0, high: 100 },
  state: { any_of: [] },
  flags: { any_of: [] },
  flat: { for_s: 3600 },
  count: { high: 12, over_s: 3600 },
  gauge: { more_than: 1 },
  expression: { text: '' },
  baseline: { side: 'both', beyond: 4 },
  ewma: { side: 'both', beyond: 5 },
  multivariate: { sensitivity: 1, settle: 4 },
};

interface KnownPoint {
  key: string;
  kind: string;
}

/** A condition of a type to begin with, on points that fit. */
export function begun(type: string, points: readonly KnownPoint[]): Condition {
  const made: Condition = { type, ...NEW[type] };
  for (const field of FORMS[type] ?? []) {
    const fits = points.filter((known) => field.of?.includes(known.kind)).map((known) => known.key);
    if (field.kind === 'point') made[field.name] = fits[0] ?? '';
    if (field.kind === 'points') made[field.name] = fits.slice(0, 8);
  }
  return made;
}

export function isGroup(condition: Condition): condition is Condition & { of: Condition[] } {
  return (condition.type === 'all' || condition.type === 'any') && Array.isArray(condition.of);
}

/** Whether it, or a part of it, is learned. */
export function learns(condition: Condition): boolean {
  return isGroup(condition) ? condition.of.some(learns) : LEARNED.includes(condition.type);
}

/** The codes that a state or flags are compared with; the list that is not meant may be there and empty. */
export function codesOf(condition: Condition): { isNone: boolean; codes: unknown[] } {
  const none = Array.isArray(condition.none_of) ? condition.none_of : [];
  const any = Array.isArray(condition.any_of) ? condition.any_of : [];
  return none.length > 0 ? { isNone: true, codes: none } : { isNone: false, codes: any };
}
