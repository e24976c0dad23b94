import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { type Condition, codesOf, FORMS, isGroup, wayOf } from './parts';
import { useWindowWords } from './useWindowWords';

type Known = Pick<Point, 'key' | 'name' | 'unit'> & Partial<Pick<Point, 'states' | 'bits'>>;
type Sayer = (condition: Condition) => string;

const HOUR_MS = 3_600_000;

/** Conditions as sentences, in the person's language; `points` lend their names. */
export function useSentence(points: readonly Known[]): Sayer {
  const { t } = useTranslation();
  const words = useWords(points);
  const windows = useWindowWords();
  const own: Record<string, Sayer> = {
    limit: (one) => t(one.low != null ? 'rules.say.below' : 'rules.say.above', words(one)),
    state: (one) => t(codesOf(one).isNone ? 'rules.say.none_of' : 'rules.say.state', words(one)),
    rate: (one) => {
      const { way, size } = ways(one, 'moves');
      const isOver = (size ?? 0) >= 0;
      const rises = (way === 'high') === isOver;
      const key = `rate_${rises ? 'rises' : 'falls'}_${isOver ? 'over' : 'under'}` as const;
      const per = t(`rules.pick.per.${(one.per ?? 'minute') as 'minute'}`);
      return t(`rules.say.${key}`, { ...words(one), size: words(one).sized(Math.abs(size ?? 0)), per });
    },
    deviation: (one) => {
      const { way, size } = ways(one, 'differs');
      return t(`rules.say.deviation_${way as 'high'}`, { ...words(one), size: words(one).sized(size) });
    },
    drift: (one) => {
      const said = { ...words(one), size: words(one).sized(one.more_than) };
      return t('rules.say.drift', said) + during(one, 'during') + during(one, 'against_during');
    },
    flat: (one) => t('rules.say.flat', words(one)) + during(one, 'during'),
    expected: (one) => {
      const key = codesOf(one).codes.length > 0 ? 'rules.say.expected' : 'rules.say.expected_count';
      const grace = Number(one.grace_hours ?? 0) > 0 ? t('rules.say.grace', words(one)) : '';
      return t(key, { ...words(one), grace });
    },
    schedule: (one) => t('rules.say.schedule', { windows: windows(one) }),
    baseline: (one) => t('rules.say.baseline', { ...words(one), side: side(one) }),
    ewma: (one) => t('rules.say.ewma', { ...words(one), side: side(one) }),
  };
  const side: Sayer = (one) => t(`rules.side.${(one.side ?? 'both') as 'both'}`);
  const during = (one: Condition, name: 'during' | 'against_during') => {
    const when = one[name];
    const named = words(one)[name === 'during' ? 'point' : 'against'];
    return when ? t('rules.say.during', { point: named, when: say(when as Condition) }) : '';
  };
  const say: Sayer = (condition) => {
    if (isGroup(condition)) return condition.of.map(say).join(t(`rules.say.${condition.type as 'all'}`));
    const { type } = condition;
    const said = words(condition);
    return (
      own[type]?.(condition) ??
      t(`rules.say.${type as 'band'}`, {
        ...said,
        defaultValue: `${t(`rules.type.${type as 'band'}`, { defaultValue: type })} ${condition.point ? said.point : ''}`,
      })
    );
  };
  return say;
}

function ways(condition: Condition, name: string): { way: string; size: number | null } {
  const field = FORMS[condition.type]?.find((one) => one.name === name);
  const { way, size } = wayOf(condition, field?.ways ?? []);
  return { way: way.field, size };
}

/** What sentences are filled with: names of points, numbers with units, durations. */
function useWords(points: readonly Known[]) {
  const { t } = useTranslation();
  const { label, list, duration } = useFormat();
  const known = new Map(points.map((point) => [point.key, point]));
  const name = (key: unknown) => {
    const point = known.get(String(key));
    return point ? label(point.name) : String(key);
  };
  const amount = (value: unknown, key: unknown) => {
    const unit = known.get(String(key))?.unit;
    return `${value ?? '…'}${unit ? ` ${unit}` : ''}`;
  };
  const codes = (value: unknown[], key: unknown) => {
    const point = known.get(String(key));
    const words = (point?.states ?? point?.bits ?? {}) as Record<string, Label>;
    return value
      .map((code) => (words[String(code)] ? label(words[String(code)] as Label) : String(code)))
      .join(t('rules.say.or'));
  };
  return (condition: Condition) => {
    const { point, reference } = condition;
    const every = Number(condition.every_hours ?? Number(condition.every_days ?? 0) * 24);
    return {
      point: name(point),
      points: list((Array.isArray(condition.points) ? condition.points : []).map(name)),
      typed: name(condition.typed),
      against:
        typeof reference === 'number' ? amount(reference, point) : name(condition.against ?? reference),
      high: amount(condition.high, point),
      low: amount(condition.low, point),
      more: amount(condition.more_than, point),
      sized: (size: unknown) => (condition.percent === true ? `${size ?? '…'} %` : amount(size, point)),
      codes: codes(codesOf(condition).codes, point),
      beyond: String(condition.beyond ?? ''),
      count: String(condition.high ?? ''),
      over: duration(Number(condition.over_s ?? condition.for_s ?? 0) * 1000),
      every: duration(every * HOUR_MS),
      graceTime: duration(Number(condition.grace_hours ?? 0) * HOUR_MS),
      text: String(condition.text ?? ''),
    };
  };
}
