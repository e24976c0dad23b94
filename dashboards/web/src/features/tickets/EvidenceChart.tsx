import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { drawnOf, historyQuery, withGaps } from '@/nouns/points/history';
import { number, useFormat } from '@/text/format';
import type { Severity } from '@/ui/severity';
import styles from './Evidence.module.css';

interface Props {
  pointId: number;
  severity: Severity;
  limit: number | null;
  lengthMs: number;
  /** Since when the value has been in band again; the window of the proof. */
  provenFrom: string | null;
  /** The end of the window of a closed ticket; else it runs to now. */
  until?: number;
}

const STEP_MS = 10_000;
const WIDTH = 600;
const HEIGHT = 120;
const USUAL_INTERVAL_S = 30;

/** The point over the last while, with the limit and the window in which it proves itself. */
export function EvidenceChart({ pointId, severity, limit, lengthMs, provenFrom, until }: Props) {
  const { t } = useTranslation();
  const { clock } = useFormat();
  const now = useNow();
  const to = until ?? Math.ceil(now / STEP_MS) * STEP_MS;
  const from = to - lengthMs;
  const query = useQuery({ ...historyQuery(pointId, from, to, 240), placeholderData: (before) => before });
  const line = query.data ? withGaps(query.data, USUAL_INTERVAL_S, drawnOf({ kind: 'analog' })) : [];
  const values = line.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length < 2) return null;
  const low = Math.min(...values, limit ?? Number.POSITIVE_INFINITY);
  const high = Math.max(...values, limit ?? Number.NEGATIVE_INFINITY);
  const pad = (high - low || Math.abs(high) || 1) * 0.12;
  const x = (at: number) => Math.max(0, Math.min(WIDTH, ((at - from) / lengthMs) * WIDTH));
  const y = (value: number) => HEIGHT - ((value - low + pad) / (high - low + 2 * pad)) * HEIGHT;
  const provenX = provenFrom === null ? null : x(Date.parse(provenFrom));
  return (
    <figure>
      <div className={styles.scaled}>
        <span className={styles.scale} aria-hidden="true">
          <span>{number(high, 1)}</span>
          <span>{number(low, 1)}</span>
        </span>
        <svg
          className={styles.chart}
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={t('ticket.evidenceChart')}
        >
          {provenX !== null && (
            <rect className={styles.window} x={provenX} width={WIDTH - provenX} height={HEIGHT} />
          )}
          {limit !== null && (
            <line
              className={styles.limit}
              x1="0"
              x2={WIDTH}
              y1={y(limit)}
              y2={y(limit)}
              stroke={`var(--${severity})`}
            />
          )}
          <path className={styles.line} d={pathOf(line, x, y)} />
        </svg>
      </div>
      <figcaption className={styles.axis}>
        <span>{clock(from)}</span>
        <span>{clock(to)}</span>
      </figcaption>
      <p className={styles.key}>{t('ticket.chartKey')}</p>
    </figure>
  );
}

function pathOf(
  line: [number, number | null][],
  x: (at: number) => number,
  y: (value: number) => number,
): string {
  let isDown = false;
  return line
    .map(([at, value]) => {
      const command = value === null ? '' : `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = value !== null;
      return command;
    })
    .join('');
}
