import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import styles from './Health.module.css';
import type { Health } from './queries';

const WIDTH = 1000;
const HEIGHT = 220;
const LEFT = 34;
const BOTTOM = 22;

/** Alarms per operator and ten minutes; a bar of more than ten minutes shows its worst ten. */
export function RateChart({ health }: { health: Health }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const { bars, operators, targets } = health;
  const values = bars.map((bar) => bar.peak / operators);
  const top = Math.max(targets.flood_begins_at * 1.2, ...values);
  const y = (value: number) => (HEIGHT - BOTTOM) * (1 - value / top);
  const width = (WIDTH - LEFT) / Math.max(bars.length, 1);
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
              x={LEFT + i * width}
              y={y(value)}
              width={Math.max(width - 1, 0.8)}
              height={HEIGHT - BOTTOM - y(value)}
            >
              <title>{`${short(bar.at)}: ${bar.announced}`}</title>
            </rect>
          );
        })}
        <line className={styles.grid} x1={LEFT} x2={WIDTH} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        {limits.map((limit) => (
          <g key={limit}>
            <line className={styles.limit} x1={LEFT} x2={WIDTH} y1={y(limit)} y2={y(limit)} />
            <text className={styles.axis} x={LEFT - 6} y={y(limit) + 4} textAnchor="end">
              {limit}
            </text>
          </g>
        ))}
        {marks.map((i) => {
          const bar = bars[i];
          return (
            bar && (
              <text key={bar.at} className={styles.axis} x={LEFT + i * width} y={HEIGHT - 6}>
                {short(bar.at)}
              </text>
            )
          );
        })}
      </svg>
      <p className="quiet small">{t('health.legend', { most: limits[0], flood: limits[1] })}</p>
    </div>
  );
}
