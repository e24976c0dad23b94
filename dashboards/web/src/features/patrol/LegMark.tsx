import { useTranslation } from 'react-i18next';
import styles from './LegMark.module.css';
import type { LegState } from './marks';

/** A shape for each state; only what is wrong has a colour. */
const SHAPES: Record<LegState, string> = {
  pending: 'M8 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10z',
  done: 'M8 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10z',
  late: 'M8 2l6 11H2z',
  overdue: 'M8 2l6 11H2z',
  missed: 'M3 3l10 10M13 3L3 13',
  excused: 'M8 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM4.5 11.5l7-7',
  waiting: 'M5.500 3.500v9M10.500 3.500v9',
};

export function LegShape({ state, size = 16 }: { state: LegState; size?: number }) {
  return (
    <svg
      className={`${styles.shape} ${styles[state]}`}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[state]} />
    </svg>
  );
}

/** Shape and word. */
export function LegMark({ state }: { state: LegState }) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark}>
      <LegShape state={state} />
      {t(`patrol.leg.${state}`)}
    </span>
  );
}

const ALL: LegState[] = ['pending', 'done', 'late', 'overdue', 'missed', 'waiting', 'excused'];

export function Legend() {
  const { t } = useTranslation();
  return (
    <ul className={styles.legend} aria-label={t('patrol.legend')}>
      {ALL.map((state) => (
        <li key={state}>
          <LegMark state={state} />
        </li>
      ))}
    </ul>
  );
}
