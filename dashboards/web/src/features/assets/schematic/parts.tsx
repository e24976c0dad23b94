import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useReading } from '@/live/hooks';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { sideOf, trustOf, valueText } from '@/nouns/points/reading';
import { useFormat } from '@/text/format';
import { SeverityShape } from '@/ui/SeverityMark';
import { usePointAlarm } from '../pointAlarms';
import styles from './parts.module.css';

export type ByKey = Record<string, Point | undefined>;

export function byKey(asset: AssetDetail): ByKey {
  return Object.fromEntries(asset.points.map((point) => [point.key, point]));
}

/** The value of a point as a number, unless it is missing, stale or bad: then a drawing must not pretend. */
export function useNumber(point: Point | undefined): number | null {
  const reading = useReading(point?.id);
  const now = useNow();
  if (!point || !reading || typeof reading.value !== 'number') return null;
  const trust = trustOf(point, reading, now);
  return trust === 'live' || trust === 'suspect' ? reading.value : null;
}

interface Props {
  point: Point | undefined;
  x: number;
  y: number;
  anchor?: 'start' | 'middle' | 'end';
  /** Another name than the point's own, where the drawing already says what it belongs to. */
  name?: string;
}

const SHAPE = 15;

/** A name and its value as text within a drawing, marked when an alarm is about it. */
export function DrawnValue({ point, x, y, anchor = 'start', name }: Props) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const reading = useReading(point?.id);
  const now = useNow();
  const severity = usePointAlarm(point?.id);
  if (!point) return null;
  const trust = trustOf(point, reading, now);
  const isTrusted = trust === 'live' || trust === 'suspect';
  const side = reading && isTrusted ? sideOf(point, reading.value) : null;
  const text = reading
    ? `${valueText(point, reading.value, label)}${point.unit ? ` ${point.unit}` : ''}`
    : t('value.none');
  const remark =
    trust === 'stale' && reading ? ` · ${duration(now - reading.at)}` : trust === 'suspect' ? ' ?' : '';
  const left = anchor === 'start' ? x : anchor === 'end' ? x - 100 : x - 50;
  return (
    <g className={isTrusted ? styles.value : styles.doubtful}>
      {severity && (
        <g transform={`translate(${left - SHAPE - 4} ${y + 4})`}>
          <SeverityShape severity={severity} size={SHAPE} />
        </g>
      )}
      <text className={styles.name} x={x} y={y} textAnchor={anchor}>
        {name ?? label(point.name)}
      </text>
      <text className={styles.number} x={x} y={y + 17} textAnchor={anchor}>
        {side === 'above' ? '▲ ' : side === 'below' ? '▼ ' : ''}
        {text}
        <tspan className={styles.remark}>{remark}</tspan>
      </text>
    </g>
  );
}
