import { useTranslation } from 'react-i18next';
import styles from './SeverityMark.module.css';
import type { Severity } from './severity';

/** Each priority has a shape of its own, so that colour is never the only sign. */
const SHAPES: Record<Severity, string> = {
  critical: 'M12 1.500 22.500 12 12 22.500 1.500 12z',
  high: 'M12 2 23 21H1z',
  medium: 'M3 3h18v18H3z',
  low: 'M12 2.500a9.500 9.500 0 1 0 0 19 9.500 9.500 0 0 0 0-19z',
};

interface Props {
  severity: Severity;
  /** An acknowledged alarm is hollow: somebody has seen it. */
  isHollow?: boolean;
  size?: number;
}

/** The shape alone, for beside its word. */
export function SeverityShape({ severity, isHollow, size = 16 }: Props) {
  const y = severity === 'high' ? 18 : 16.5;
  return (
    <svg
      className={`${styles.shape} ${styles[severity]} ${isHollow ? styles.hollow : ''}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[severity]} />
      <text x="12" y={y} textAnchor="middle">
        !
      </text>
    </svg>
  );
}

/** Shape and word. */
export function SeverityMark({ severity, isHollow, size }: Props) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark}>
      <SeverityShape severity={severity} isHollow={isHollow} size={size} />
      {t(`severity.${severity}`)}
    </span>
  );
}
