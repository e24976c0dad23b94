import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { factLimit, factValue } from './factText';
import type { Fact } from './queries';

/** What the alarm is about in one line: point, value, limit. */
export function FactLine({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const { label, language } = useFormat();
  const parts = {
    point: label(fact.point),
    value: factValue(fact, language),
    limit: factLimit(fact, language) ?? '',
  };
  return <>{t(`fact.${fact.relation}`, parts)}</>;
}
