/** A condition as data; what its fields are is known by its type. */
export interface Condition {
  type: string;
  [field: string]: unknown;
}

export type FieldKind =
  | 'point'
  | 'points'
  | 'number'
  | 'codes'
  | 'pick'
  | 'text'
  | 'oneOf'
  | 'reference'
  | 'during'
  | 'windows';

/** One of several fields of which a condition has exactly one. */
export interface Way {
  field: string;
  /** Written as a size, stored with a minus: "falls by 5" is a change below -5. */
  isNegative?: boolean;
}

export interface FieldSpec {
  name: string;
  kind: FieldKind;
  /** Its unit: of the point, of the point or per cent as the condition says, or a word of its own. */
  unit?: 'point' | 'share' | 'rate' | 's' | 'h' | '%';
  /** Left out of the condition where it is empty. */
  isOptional?: boolean;
  /** Kinds of points it may name. */
  of?: readonly string[];
  /** What may be picked; the first is meant where nothing is said. */
  options?: readonly (string | boolean)[];
  ways?: readonly Way[];
}

const NUMERIC = ['analog', 'counter'] as const;
const point = (of: readonly string[] = NUMERIC, name = 'point'): FieldSpec => ({ name, kind: 'point', of });
const number = (name: string, unit?: FieldSpec['unit'], isOptional = false): FieldSpec => ({
  name,
  kind: 'number',
  ...(unit && { unit }),
  isOptional,
});
const pick = (name: string, options: FieldSpec['options']): FieldSpec => ({
  name,
  kind: 'pick',
  ...(options && { options }),
});
const oneOf = (name: string, ways: readonly Way[], unit?: FieldSpec['unit']): FieldSpec => ({
  name,
  kind: 'oneOf',
  ways,
  ...(unit && { unit }),
});

const SIDE = pick('side', ['both', 'above', 'below']);
const SHARE = pick('percent', [false, true]);
const DEADBAND = number('deadband', 'point', true);
const DEADBAND_PERCENT = number('deadband_percent', '%', true);

/** The form of each type, in the order in which its sentence reads. Types that are not here are written as text. */
export const FORMS: Record<string, readonly FieldSpec[]> = {
  limit: [point(), number('high', 'point', true), number('low', 'point', true), DEADBAND, DEADBAND_PERCENT],
  band: [point(), number('low', 'point'), number('high', 'point'), DEADBAND, DEADBAND_PERCENT],
  state: [point(['state']), { name: 'any_of', kind: 'codes' }],
  flags: [point(['flags']), { name: 'any_of', kind: 'codes' }],
  rate: [
    point(),
    oneOf('moves', [{ field: 'high' }, { field: 'low', isNegative: true }], 'rate'),
    pick('per', ['minute', 'second', 'hour']),
    number('over_s', 's'),
    number('deadband', 'rate', true),
  ],
  deviation: [
    point(),
    oneOf(
      'differs',
      [{ field: 'more_than' }, { field: 'high' }, { field: 'low', isNegative: true }],
      'share',
    ),
    SHARE,
    { name: 'reference', kind: 'reference', of: NUMERIC, unit: 'point' },
    number('deadband', 'share', true),
  ],
  drift: [
    point(),
    point(NUMERIC, 'against'),
    number('more_than', 'share'),
    SHARE,
    number('over_s', 's'),
    number('deadband', 'share', true),
    { name: 'during', kind: 'during' },
    { name: 'against_during', kind: 'during' },
  ],
  flat: [point(), number('for_s', 's'), number('within', 'point', true), { name: 'during', kind: 'during' }],
  count: [
    point(['state', 'counter']),
    { name: 'any_of', kind: 'codes', isOptional: true },
    number('high'),
    number('over_s', 's'),
  ],
  expected: [
    point(['state', ...NUMERIC]),
    { name: 'any_of', kind: 'codes', isOptional: true },
    oneOf('every', [{ field: 'every_days' }, { field: 'every_hours' }]),
    number('grace_hours', 'h', true),
  ],
  schedule: [{ name: 'windows', kind: 'windows' }, pick('calendar', ['any', 'work', 'off'])],
  gauge: [point(NUMERIC, 'typed'), point(), number('more_than', 'point'), DEADBAND],
  no_data: [],
  expression: [{ name: 'text', kind: 'text' }],
  baseline: [point(), SIDE, number('beyond'), number('at_least', 'point', true)],
  ewma: [point(), SIDE, number('beyond'), number('at_least', 'point', true)],
  multivariate: [{ name: 'points', kind: 'points', of: NUMERIC }, number('sensitivity'), number('settle')],
};

export const LEARNED = ['baseline', 'ewma', 'multivariate'];

const NEW: Record<string, Omit<Condition, 'type'>> = {
  limit: { high: 0 },
  band: { low: 0, high: 100 },
  state: { any_of: [] },
  flags: { any_of: [] },
  rate: { high: 1, per: 'minute', over_s: 600 },
  deviation: { more_than: 5, reference: 0 },
  drift: { more_than: 10, percent: true, over_s: 86_400 },
  expected: { every_days: 7 },
  schedule: { windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], start: '08:00', end: '18:00' }] },
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
  states?: Record<string, unknown> | null | undefined;
  bits?: Record<string, unknown> | null | undefined;
}

/** A condition of a type to begin with, on points that fit. */
export function begun(type: string, points: readonly KnownPoint[]): Condition {
  const made: Condition = { type, ...NEW[type] };
  for (const field of FORMS[type] ?? []) {
    const fits = points.filter((known) => field.of?.includes(known.kind)).map((known) => known.key);
    if (field.kind === 'point') made[field.name] = (field.name === 'against' && fits[1]) || (fits[0] ?? '');
    if (field.kind === 'points') made[field.name] = fits.slice(0, 8);
  }
  return hasCodes(type) ? onPoint(made, String(made.point), points) : made;
}

/** The same condition on another point; codes mean something on their own point only. */
export function onPoint(condition: Condition, key: string, points: readonly KnownPoint[]): Condition {
  if (!hasCodes(condition.type)) return { ...condition, point: key };
  const { any_of: _any, none_of: _none, ...rest } = condition;
  const known = points.find((one) => one.key === key);
  if (known?.kind !== 'state' && known?.kind !== 'flags')
    return { ...rest, type: condition.type, point: key };
  // One must stand there; it is seen and changed in the form.
  const first = codesKnown(known).at(-1) ?? (known.kind === 'state' ? 1 : 0);
  return { ...rest, type: condition.type, point: key, any_of: [first] };
}

function hasCodes(type: string): boolean {
  return FORMS[type]?.some((field) => field.kind === 'codes') ?? false;
}

/** All codes of a point that have words: numbers where they look like it, as the device sends them. */
export function codesKnown(known: Pick<KnownPoint, 'states' | 'bits'> | undefined): (string | number)[] {
  return Object.keys(known?.states ?? known?.bits ?? {}).map((code) =>
    /^-?\d+$/.test(code) ? Number(code) : code,
  );
}

/** Which of the ways a condition is written in, and its size as a person writes it. */
export function wayOf(condition: Condition, ways: readonly Way[]): { way: Way; size: number | null } {
  const said = ways.find(({ field }) => condition[field] != null);
  const way = said ?? ways.find(({ field }) => field in condition) ?? (ways[0] as Way);
  const value = condition[way.field];
  if (typeof value !== 'number') return { way, size: null };
  return { way, size: way.isNegative ? 0 - value : value };
}

/** Written in this way and no other; a size that is being typed may be missing. */
export function inWay(
  condition: Condition,
  ways: readonly Way[],
  field: string,
  size: number | null,
): Condition {
  const others = new Set(ways.map((way) => way.field));
  const rest = Object.fromEntries(Object.entries(condition).filter(([name]) => !others.has(name)));
  const isNegative = ways.find((way) => way.field === field)?.isNegative;
  return { ...rest, type: condition.type, [field]: size !== null && isNegative ? 0 - size : size };
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
