import { useTranslation } from 'react-i18next';
import { number, useFormat } from '@/text/format';
import type { Fact } from './queries';

function amount(value: Fact['value'], unit: string | null): string {
  if (value === null || value === undefined) return '—';
  const text = typeof value === 'number' ? number(value, Number.isInteger(value) ? 0 : 1) : String(value);
  return unit ? `${text} ${unit}` : text;
}

/** What the alarm is about in one line: point, value, limit. */
export function FactLine({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const known = ['above', 'below', 'no_data'] as const;
  const relation = known.find((name) => name === fact.relation);
  if (relation === 'no_data') return <>{t('fact.noData', { point: label(fact.point) })}</>;
  if (relation) {
    return (
      <>
        {t(`fact.${relation}`, {
          point: label(fact.point),
          value: amount(fact.value, fact.unit),
          limit: amount(fact.limit, fact.unit),
        })}
      </>
    );
  }
  return <>{t('fact.state', { point: label(fact.point), value: amount(fact.value, fact.unit) })}</>;
}
