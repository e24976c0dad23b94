import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { useFormat } from '@/text/format';
import { SeverityMark } from '@/ui/SeverityMark';
import { AlarmState } from './AlarmState';
import { Availability } from './Availability';
import { FactSummary } from './FactSummary';
import styles from './Line.module.css';
import { type Alarm, isUnseen } from './queries';

/** One alarm in a list of a panel or on a phone. */
export function AlarmLine({ alarm, to, hasAsset = true }: { alarm: Alarm; to: string; hasAsset?: boolean }) {
  const { label, duration } = useFormat();
  const now = useNow();
  return (
    <Link to={to} className={styles.line}>
      <span className={styles.top}>
        <SeverityMark severity={alarm.severity} isHollow={!isUnseen(alarm)} />
        <span className={styles.title}>
          {hasAsset && <>{label(alarm.asset.name)} · </>}
          {label(alarm.rule.name)}
        </span>
        <span className={styles.age}>{duration(now - Date.parse(alarm.raised_at))}</span>
      </span>
      <span className={styles.bottom}>
        <span className={styles.detail}>
          <FactSummary facts={alarm.facts} />
        </span>
        <span className={styles.states}>
          <Availability alarm={alarm} />
          <AlarmState alarm={alarm} />
        </span>
      </span>
    </Link>
  );
}
