import { useTranslation } from 'react-i18next';
import { number } from '@/text/format';
import type { Rates } from './queries';
import styles from './Reports.module.css';
import { percent, type Share } from './shares';

interface Props {
  rates: Rates;
  before: { month: string; rates: Rates | null };
}

/** The four key figures, each with what it was the month before. */
export function Figures({ rates, before }: Props) {
  const { t } = useTranslation();
  const scanRate = (value: Share) => (value === null ? '—' : number(value, 2));
  const figures = [
    { key: 'completion', show: percent },
    { key: 'on_time', show: percent },
    { key: 'missed', show: percent },
    { key: 'exceptions', show: scanRate },
  ] as const;
  return (
    <dl className={styles.figures}>
      {figures.map(({ key, show }) => (
        <div key={key} className={styles.figure}>
          <dt>{t(`reports.figure.${key}`)}</dt>
          <dd className={styles.value}>{show(rates[key])}</dd>
          <dd className={styles.before}>
            {before.rates
              ? t('reports.before', { month: before.month, value: show(before.rates[key]) })
              : t('reports.noneBefore', { month: before.month })}
          </dd>
          <dd className={styles.before}>
            {t(`reports.of.${key}`, { due: rates.due, rounds: rates.rounds })}
          </dd>
        </div>
      ))}
    </dl>
  );
}
