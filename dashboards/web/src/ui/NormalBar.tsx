import styles from './NormalBar.module.css';

interface Props {
  value: number | null;
  normal: [number, number];
}

/** How much of the bar the normal band takes; the rest is room to be outside of it. */
const BAND = 0.5;

/** Where a value lies against its normal band: the thick middle is normal, the mark is now. */
export function NormalBar({ value, normal: [low, high] }: Props) {
  const span = high - low || Math.abs(high) || 1;
  const start = low - (span * (1 - BAND)) / (2 * BAND);
  const place = (n: number) => Math.max(0.015, Math.min(0.985, (n - start) / (span / BAND))) * 100;
  const isOutside = value !== null && (value < low || value > high);
  return (
    <svg className={styles.bar} viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
      <rect className={styles.track} x="0" y="4.500" width="100" height="3" />
      <rect className={styles.band} x={place(low)} y="2.500" width={place(high) - place(low)} height="7" />
      {value !== null && (
        <rect
          className={isOutside ? styles.outside : styles.mark}
          x={place(value) - 1.2}
          y="0"
          width="2.400"
          height="12"
        />
      )}
    </svg>
  );
}
