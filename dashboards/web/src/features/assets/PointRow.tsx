import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { PointBar } from '@/nouns/points/PointBar';
import { PointSpark } from '@/nouns/points/PointSpark';
import { Value } from '@/nouns/points/Value';
import { useFormat } from '@/text/format';
import { SeverityShape } from '@/ui/SeverityMark';
import styles from './PointList.module.css';
import { usePointAlarm } from './pointAlarms';

interface Props {
  point: Point;
  isShown: boolean;
  /** It cannot be toggled now: the last line, or one too many. */
  isFixed: boolean;
  onToggle: () => void;
}

export function PointRow({ point, isShown, isFixed, onToggle }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const name = label(point.name);
  const severity = usePointAlarm(point.id);
  return (
    <li className={styles.row}>
      <label className={styles.name}>
        <input
          type="checkbox"
          checked={isShown}
          disabled={isFixed}
          onChange={onToggle}
          title={t('asset.onChart')}
          aria-label={t('asset.pointOnChart', { point: name })}
        />
        {name}
        {severity && <SeverityShape severity={severity} />}
      </label>
      <Value point={point} hasAge />
      <PointBar point={point} />
      <span className={point.kind === 'analog' ? styles.spark : `${styles.spark} ${styles.minor}`}>
        {point.kind !== 'flags' && <PointSpark point={point} height={28} />}
      </span>
    </li>
  );
}
