import type { Point } from '@/nouns/assets/queries';
import { Value } from '@/nouns/points/Value';
import { useFormat } from '@/text/format';
import { SeverityShape } from '@/ui/SeverityMark';
import { usePointAlarm } from '../pointAlarms';
import styles from './parts.module.css';

/** What a drawing cannot show, as words below it. */
export function Facts({ points }: { points: (Point | undefined)[] }) {
  return (
    <dl className={styles.side}>{points.map((point) => point && <Fact key={point.id} point={point} />)}</dl>
  );
}

function Fact({ point }: { point: Point }) {
  const { label } = useFormat();
  const severity = usePointAlarm(point.id);
  return (
    <div>
      <dt>{label(point.name)}</dt>
      <dd className={styles.marked}>
        {severity && <SeverityShape severity={severity} />}
        <Value point={point} />
      </dd>
    </div>
  );
}
