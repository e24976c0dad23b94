import { useTranslation } from 'react-i18next';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Facts } from './Facts';
import { byKey, DrawnValue, useNumber } from './parts';
import styles from './parts.module.css';

const PHASES = [
  { name: 'A', degrees: 90 },
  { name: 'B', degrees: -30 },
  { name: 'C', degrees: 210 },
] as const;
const CENTRE = { x: 118, y: 128 };
const RADIUS = 86;
const NOMINAL_V = 220;
const BAR = { x: 262, width: 150 };

/** Voltages and currents of the three phases, as a phasor diagram and as bars. */
export function Meter({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = byKey(asset);
  const factor = useNumber(points.power_factor);
  const lag = factor === null ? 0 : (Math.acos(Math.min(1, Math.abs(factor))) * 180) / Math.PI;
  return (
    <>
      <svg
        className={styles.drawing}
        viewBox="0 0 560 256"
        role="img"
        aria-label={t('drawing.meter', { name: label(asset.name) })}
      >
        <circle
          cx={CENTRE.x}
          cy={CENTRE.y}
          r={RADIUS}
          fill="none"
          stroke="var(--line)"
          strokeDasharray="3 4"
        />
        <circle
          cx={CENTRE.x}
          cy={CENTRE.y}
          r={RADIUS / 2}
          fill="none"
          stroke="var(--line)"
          strokeDasharray="3 4"
        />
        {PHASES.map(({ name, degrees }) => (
          <Phasor key={name} name={name} degrees={degrees} lag={lag} points={points} />
        ))}
        {PHASES.map(({ name }, i) => (
          <PhaseBars key={name} name={name} y={22 + i * 80} points={points} />
        ))}
      </svg>
      <Facts
        points={[
          points.power,
          points.power_factor,
          points.frequency,
          points.thd_u,
          points.unbalance,
          points.energy,
        ]}
      />
    </>
  );
}

interface PhaseProps {
  name: 'A' | 'B' | 'C';
  points: Record<string, Point | undefined>;
}

function end(degrees: number, length: number): [number, number] {
  const radians = (degrees * Math.PI) / 180;
  return [CENTRE.x + Math.cos(radians) * length, CENTRE.y - Math.sin(radians) * length];
}

function Phasor({ name, degrees, lag, points }: PhaseProps & { degrees: number; lag: number }) {
  const voltage = useNumber(points[`voltage_${name.toLowerCase()}`]);
  const current = points[`current_${name.toLowerCase()}`];
  const amps = useNumber(current);
  const [tx, ty] = end(degrees, RADIUS + 16);
  const [ux, uy] = end(degrees, RADIUS * Math.min(1.15, (voltage ?? 0) / NOMINAL_V));
  const [ix, iy] = end(
    degrees - lag,
    RADIUS * 0.9 * Math.min(1, (amps ?? 0) / (current?.normal?.[1] ?? 100)),
  );
  return (
    <>
      {voltage !== null && (
        <line className={styles.ink} x1={CENTRE.x} y1={CENTRE.y} x2={ux} y2={uy} strokeWidth="3" />
      )}
      {amps !== null && (
        <line
          x1={CENTRE.x}
          y1={CENTRE.y}
          x2={ix}
          y2={iy}
          stroke="var(--accent)"
          strokeWidth="3"
          strokeDasharray="5 3"
        />
      )}
      <text className={styles.title} x={tx} y={ty + 5} textAnchor="middle">
        {name}
      </text>
    </>
  );
}

function PhaseBars({ name, y, points }: PhaseProps & { y: number }) {
  const { t } = useTranslation();
  const voltage = points[`voltage_${name.toLowerCase()}`];
  const current = points[`current_${name.toLowerCase()}`];
  return (
    <>
      <text className={styles.title} x={BAR.x - 26} y={y + 26} textAnchor="middle">
        {name}
      </text>
      <Bar point={voltage} y={y + 4} top={1.25 * NOMINAL_V} />
      <DrawnValue point={voltage} x={BAR.x + BAR.width + 36} y={y + 6} name={t('drawing.voltage')} />
      <Bar point={current} y={y + 38} top={(current?.normal?.[1] ?? 100) * 1.25} isDashed />
      <DrawnValue point={current} x={BAR.x + BAR.width + 36} y={y + 42} name={t('drawing.current')} />
    </>
  );
}

/** A bar from zero, with the normal band marked below it. */
function Bar({
  point,
  y,
  top,
  isDashed,
}: {
  point: Point | undefined;
  y: number;
  top: number;
  isDashed?: boolean;
}) {
  const value = useNumber(point);
  const width = (n: number) => Math.max(0, Math.min(1, n / top)) * BAR.width;
  return (
    <>
      <rect
        className={value === null ? styles.unknown : styles.pale}
        x={BAR.x}
        y={y}
        width={BAR.width}
        height="14"
        rx="3"
      />
      {value !== null && (
        <rect
          x={BAR.x}
          y={y}
          width={width(value)}
          height="14"
          rx="3"
          fill={isDashed ? 'var(--accent)' : 'var(--equipment)'}
          style={{ transition: 'width 600ms' }}
        />
      )}
      {point?.normal && (
        <path
          d={`M${BAR.x + width(point.normal[0])} ${y + 18}H${BAR.x + width(point.normal[1])}`}
          stroke="var(--text-2)"
          strokeWidth="2.500"
        />
      )}
    </>
  );
}
