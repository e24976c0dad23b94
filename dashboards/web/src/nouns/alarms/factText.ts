import { number } from '@/text/format';
import type { Label, Language } from '@/text/i18n';
import type { Fact } from './queries';

function amount(value: number, unit: string | null): string {
  const text = number(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1);
  return unit ? `${text} ${unit}` : text;
}

/** The value of a fact in words: the name of a state, a number with its unit, or a dash where there is none. */
export function factValue(fact: Pick<Fact, 'value' | 'value_label' | 'unit'>, language: Language): string {
  if (fact.value_label) return fact.value_label[language];
  if (fact.value === null) return '—';
  return typeof fact.value === 'number' ? amount(fact.value, fact.unit) : fact.value;
}

const BETWEEN = { en: ' or ', zh: '或' };

/** What it is measured against: a limit with its unit, the names of states or flags, or the seconds of silence allowed. */
export function factLimit(
  fact: Pick<Fact, 'limit' | 'limit_labels' | 'relation' | 'unit'>,
  language: Language,
): string | null {
  if (fact.limit_labels?.length)
    return fact.limit_labels.map((label: Label) => label[language]).join(BETWEEN[language]);
  if (fact.limit === null) return null;
  if (Array.isArray(fact.limit)) return fact.limit.join(BETWEEN[language]);
  return amount(fact.limit, fact.relation === 'silent' ? 's' : fact.unit);
}
