import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import styles from './Health.module.css';
import type { Health } from './queries';

const WIDTH = 1000;
const HEIGHT = 220;

/**
 * Alarms per operator and ten minutes; a bar of more than ten minutes shows its worst ten.
 * The bars are stretched to the width there is, so the words stand beside the drawing and not in it.
 */
export function RateChart({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const { bars, operators, targets } = health;
  const values = bars.map((bar) => bar.peak / operators);
  const top = Math.max(targets.flood_begins_at * 1.2, ...values);
  const y = (value: number) => HEIGHT * (1 - value / top);
  const width = WIDTH / Math.max(bars.length, 1);
  const limits = [targets.most_per_ten_minutes, targets.flood_begins_at];
  const marks = [0, 0.25, 0.5, 0.75].map((share) => Math.floor(share * bars.length));
  return (
    <div className={styles.chart}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('health.chart', { peak: Math.round(health.peak), count: health.announced })}
      >
        {bars.map((bar, i) => {
          const value = values[i] ?? 0;
          return (
            <rect
              key={bar.at}
              className={value >= targets.flood_begins_at ? styles.over : styles.bar}
              x={i * width}
              y={y(value)}
              width={Math.max(width - 1, 0.8)}
              height={HEIGHT - y(value)}
            >
              <title>{`${short(bar.at)}: ${bar.announced}`}</title>
            </rect>
          );
        })}
        <line className={styles.grid} x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {limits.map((limit) => (
          <line key={limit} className={styles.limit} x1={0} x2={WIDTH} y1={y(limit)} y2={y(limit)} />
        ))}
      </svg>
      {limits.map((limit) => (
        <span key={limit} className={styles.level} style={{ top: y(limit) }} aria-hidden="true">
          {limit}
        </span>
      ))}
      <div className={styles.times} aria-hidden="true">
        {marks.map((i) => {
          const bar = bars[i];
          return bar && <span key={bar.at}>{short(bar.at)}</span>;
        })}
      </div>
      <p className="quiet small">{t('health.legend', { most: limits[0], flood: limits[1] })}</p>
    </div>
  );
}
