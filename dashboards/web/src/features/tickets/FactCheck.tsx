import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useReading } from '@/live/hooks';
import { factLimit, factValue } from '@/nouns/alarms/factText';
import type { Fact } from '@/nouns/alarms/queries';
import { assetQuery } from '@/nouns/assets/queries';
import { valueText } from '@/nouns/points/reading';
import { useFormat } from '@/text/format';
import styles from './Evidence.module.css';

/** What the sensor says now against what the rule asks for. */
export function FactCheck({ fact, assetId }: { fact: Fact; assetId: number }) {
  const { t } = useTranslation();
  const { label, language, duration } = useFormat();
  const live = useReading(fact.point_id);
  const now = useNow();
  const point = useQuery(assetQuery(assetId)).data?.points.find((known) => known.id === fact.point_id);
  const limit = factLimit(fact, language);
  const value =
    live && point
      ? `${valueText(point, live.value, label)}${point.unit ? ` ${point.unit}` : ''}`
      : factValue(fact, language);
  return (
    <dl className={styles.fact}>
      <div>
        <dt>{label(fact.point)}</dt>
        <dd className={styles.now}>{value}</dd>
      </div>
      {limit !== null && (
        <div>
          <dt>{t(`ticket.must.${fact.relation}`)}</dt>
          <dd>{limit}</dd>
        </div>
      )}
      <div>
        <dt>{t('ticket.measured')}</dt>
        <dd>{live ? t('value.age', { age: duration(now - live.at) }) : t('value.none')}</dd>
      </div>
    </dl>
  );
}
