import { useReading } from '@/live/hooks';
import type { Point } from '@/nouns/assets/queries';
import { number } from '@/text/format';
import { NormalBar } from '@/ui/NormalBar';
import styles from './PointBar.module.css';

/** Where the value lies against its normal band, with the band's limits. */
export function PointBar({ point }: { point: Point }) {
  const reading = useReading(point.id);
  if (!point.normal || point.normal[0] === point.normal[1]) return null;
  const value = typeof reading?.value === 'number' ? reading.value : null;
  const [low, high] = point.normal;
  const limit = (n: number) => number(n, Number.isInteger(n) ? 0 : 1);
  return (
    <span className={styles.box}>
      <NormalBar value={value} normal={[low, high]} />
      <span className={styles.limits}>
        <span>{limit(low)}</span>
        <span>{limit(high)}</span>
      </span>
    </span>
  );
}
