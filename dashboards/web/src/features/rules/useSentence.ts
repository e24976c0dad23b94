import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { type Condition, codesOf, isGroup } from './parts';

type Known = Pick<Point, 'key' | 'name' | 'unit'> & Partial<Pick<Point, 'states' | 'bits'>>;

/** Conditions as sentences, in the person's language; `points` lend their names. */
export function useSentence(points: readonly Known[]) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const known = new Map(points.map((point) => [point.key, point]));
  const name = (key: unknown) => {
    const point = known.get(String(key));
    return point ? label(point.name) : String(key);
  };
  const amount = (value: unknown, key: unknown) => {
    const unit = known.get(String(key))?.unit;
    return `${value}${unit ? ` ${unit}` : ''}`;
  };
  const codes = (value: unknown, key: unknown) => {
    const point = known.get(String(key));
    const words = (point?.states ?? point?.bits ?? {}) as Record<string, Label>;
    return (Array.isArray(value) ? value : [])
      .map((code) => (words[String(code)] ? label(words[String(code)] as Label) : String(code)))
      .join(t('rules.say.or'));
  };
  const wordsOf = (condition: Condition) => {
    const { point } = condition;
    return {
      point: name(point),
      points: (Array.isArray(condition.points) ? condition.points : []).map(name).join(', '),
      typed: name(condition.typed),
      against: name(condition.against ?? condition.to),
      high: amount(condition.high, point),
      low: amount(condition.low, point),
      more: amount(condition.more_than, point),
      codes: codes(codesOf(condition).codes, point),
      beyond: String(condition.beyond ?? ''),
      count: String(condition.high ?? ''),
      over: duration(Number(condition.over_s ?? condition.for_s ?? 0) * 1000),
      text: String(condition.text ?? ''),
    };
  };
  const say = (condition: Condition): string => {
    if (isGroup(condition)) return condition.of.map(say).join(t(`rules.say.${condition.type as 'all'}`));
    const { type, point } = condition;
    const words = wordsOf(condition);
    if (type === 'limit') return t(condition.low != null ? 'rules.say.below' : 'rules.say.above', words);
    if (type === 'state' && codesOf(condition).isNone) return t('rules.say.none_of', words);
    if (type === 'baseline' || type === 'ewma') {
      const side = t(`rules.side.${(condition.side ?? 'both') as 'both'}`);
      return t(`rules.say.${type}`, { ...words, side });
    }
    return t(`rules.say.${type as 'band'}`, {
      ...words,
      defaultValue: `${t(`rules.type.${type as 'band'}`)} ${point ? name(point) : ''}`,
    });
  };
  return say;
}
