import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useReading } from '@/live/hooks';
import type { Fact } from '@/nouns/alarms/queries';
import { number, useFormat } from '@/text/format';
import styles from './Evidence.module.css';

/** What the sensor says now against what the rule asks for. */
export function FactCheck({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const live = useReading(fact.point_id ?? undefined);
  const now = useNow();
  const value = live ? live.value : fact.value;
  const text = (amount: Fact['value']) =>
    typeof amount === 'number' ? number(amount, Number.isInteger(amount) ? 0 : 1) : (amount ?? '—');
  const unit = fact.unit ? ` ${fact.unit}` : '';
  return (
    <dl className={styles.fact}>
      <div>
        <dt>{label(fact.point)}</dt>
        <dd className={styles.now}>
          {text(value)}
          <small>{unit}</small>
        </dd>
      </div>
      {fact.limit !== null && (
        <div>
          <dt>
            {t(
              fact.relation === 'below'
                ? 'ticket.mustBeAbove'
                : fact.relation === 'above'
                  ? 'ticket.mustBeBelow'
                  : 'ticket.limit',
            )}
          </dt>
          <dd>
            {text(fact.limit)}
            <small>{unit}</small>
          </dd>
        </div>
      )}
      <div>
        <dt>{t('ticket.measured')}</dt>
        <dd>{live ? t('value.age', { age: duration(now - live.at) }) : t('value.none')}</dd>
      </div>
    </dl>
  );
}
