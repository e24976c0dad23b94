import { useTranslation } from 'react-i18next';
import { number, useFormat } from '@/text/format';
import { Figure, Figures as Row } from '@/ui/Figures';
import styles from './Health.module.css';
import type { Health } from './queries';

interface AimedProps {
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
    <Row>
      <Aimed
        name={t('health.perTen')}
        value={number(health.per_ten_minutes, 2)}
        goal={t('health.atMost', { value: targets.fine_per_ten_minutes })}
        isMissed={health.per_ten_minutes > targets.fine_per_ten_minutes}
      />
      <Aimed
        name={t('health.peak')}
        value={number(health.peak, Number.isInteger(health.peak) ? 0 : 1)}
        goal={t('health.below', { value: targets.flood_begins_at })}
        isMissed={health.peak >= targets.flood_begins_at}
      />
      <Aimed
        name={t('health.inFlood')}
        value={percent(health.flood_share)}
        goal={t('health.below', { value: '1 %' })}
        isMissed={health.flood_share >= 0.01}
      />
      <Aimed
        name={t('health.answer')}
        value={seconds(answering.median_s)}
        goal={t('health.atMost', { value: answer })}
        isMissed={(answering.median_s ?? 0) > targets.answer_s}
      />
      <Aimed
        name={t('health.inTime', { time: answer })}
        value={answering.in_time_share === null ? '—' : percent(answering.in_time_share)}
        goal={answering.p90_s === null ? '' : t('health.nine', { time: seconds(answering.p90_s) })}
        isMissed={false}
      />
      <Aimed
        name={t('health.announced')}
        value={number(health.announced, 0)}
        goal={t('health.quiet', { count: health.quiet })}
        isMissed={false}
      />
    </Row>
  );
}

function Aimed({ name, value, goal, isMissed }: AimedProps) {
  const { t } = useTranslation();
  const missed = isMissed && <span className={styles.missed}>▲ {t('health.missed')} · </span>;
  return (
    <Figure
      name={name}
      value={value}
      notes={[
        <>
          {missed}
          {goal}
        </>,
      ]}
    />
  );
}
