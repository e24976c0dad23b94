import { useTranslation } from 'react-i18next';
import { number, useFormat } from '@/text/format';
import styles from './Health.module.css';
import type { Health } from './queries';

interface FigureProps {
  name: string;
  value: string;
  goal: string;
  isMissed: boolean;
}

/** Each figure with what is usually aimed at; missing the aim is said in words. */
export function Figures({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const { targets, answering } = health;
  const percent = (share: number) => `${number(share * 100, 1)} %`;
  const seconds = (s: number | null) => (s === null ? '—' : duration(s * 1000));
  const answer = duration(targets.answer_s * 1000);
  return (
    <dl className={styles.figures}>
      <Figure
        name={t('health.perTen')}
        value={number(health.per_ten_minutes, 2)}
        goal={t('health.atMost', { value: targets.fine_per_ten_minutes })}
        isMissed={health.per_ten_minutes > targets.fine_per_ten_minutes}
      />
      <Figure
        name={t('health.peak')}
        value={number(health.peak, Number.isInteger(health.peak) ? 0 : 1)}
        goal={t('health.below', { value: targets.flood_begins_at })}
        isMissed={health.peak >= targets.flood_begins_at}
      />
      <Figure
        name={t('health.inFlood')}
        value={percent(health.flood_share)}
        goal={t('health.below', { value: '1 %' })}
        isMissed={health.flood_share >= 0.01}
      />
      <Figure
        name={t('health.answer')}
        value={seconds(answering.median_s)}
        goal={t('health.atMost', { value: answer })}
        isMissed={(answering.median_s ?? 0) > targets.answer_s}
      />
      <Figure
        name={t('health.inTime', { time: answer })}
        value={answering.in_time_share === null ? '—' : percent(answering.in_time_share)}
        goal={answering.p90_s === null ? '' : t('health.nine', { time: seconds(answering.p90_s) })}
        isMissed={false}
      />
      <Figure
        name={t('health.announced')}
        value={number(health.announced, 0)}
        goal={t('health.quiet', { count: health.quiet })}
        isMissed={false}
      />
    </dl>
  );
}

function Figure({ name, value, goal, isMissed }: FigureProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd className={styles.value}>{value}</dd>
      <dd className={styles.goal}>
        {isMissed && <span className={styles.missed}>▲ {t('health.missed')} · </span>}
        {goal}
      </dd>
    </div>
  );
}
