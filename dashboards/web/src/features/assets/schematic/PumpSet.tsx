import { useTranslation } from 'react-i18next';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Facts } from './Facts';
import { byKey, DrawnValue, useNumber } from './parts';
import styles from './parts.module.css';

const TANK = { x: 16, y: 96, width: 104, height: 190 };
const PUMPS = [
  { n: 1, y: 96 },
  { n: 2, y: 286 },
] as const;
const PUMP_X = 232;

/** Tank, duty and standby pump, and the pipe into the building. */
export function PumpSet({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = byKey(asset);
  return (
    <>
      <svg
        className={styles.drawing}
        viewBox="0 0 560 392"
        role="img"
        aria-label={t('drawing.pump', { name: label(asset.name) })}
      >
        <Tank asset={asset} />
        {PUMPS.map(({ n, y }) => (
          <Pump key={n} asset={asset} n={n} y={y} />
        ))}
        <path className={styles.pipe} d="M432 191H556" />
        <path className={styles.ink} d="M544 179l14 12-14 12" stroke="var(--equipment)" />
        <DrawnValue point={points.suction_pressure} x={68} y={330} anchor="middle" />
        <DrawnValue point={points.discharge_pressure} x={452} y={138} name={t('drawing.discharge')} />
        <DrawnValue point={points.flow} x={452} y={228} />
      </svg>
      <Facts points={[points.mode, points.power, points.starts_last_hour]} />
    </>
  );
}

function Tank({ asset }: { asset: AssetDetail }) {
  const point = byKey(asset).tank_level;
  const level = useNumber(point);
  const height = level === null ? 0 : (Math.max(0, Math.min(100, level)) / 100) * TANK.height;
  const band = point?.normal?.map((limit) => TANK.y + TANK.height * (1 - limit / 100)) ?? [];
  return (
    <>
      <rect className={level === null ? styles.unknown : styles.body} {...TANK} rx="6" />
      <rect
        className={styles.fill}
        x={TANK.x + 3}
        width={TANK.width - 6}
        y={TANK.y + TANK.height - height + 3}
        height={Math.max(0, height - 6)}
        style={{ transition: 'all 900ms' }}
      />
      {band.map((y) => (
        <line
          key={y}
          x1={TANK.x + TANK.width - 16}
          x2={TANK.x + TANK.width + 5}
          y1={y}
          y2={y}
          className={styles.ink}
        />
      ))}
      <DrawnValue point={point} x={TANK.x + TANK.width / 2} y={TANK.y - 26} anchor="middle" />
    </>
  );
}

function Pump({ asset, n, y }: { asset: AssetDetail; n: 1 | 2; y: number }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = byKey(asset);
  const state = points[`pump_${n}_running`];
  const running = useNumber(state);
  const duty = useNumber(points.duty_pump);
  const isRunning = running === 1;
  const word = running === null ? t('value.none') : state?.states?.[String(running)];
  const suction = `M120 262H${PUMP_X - 62}V${y}H${PUMP_X - 36}`;
  const discharge = `M${PUMP_X + 36} ${y}H432V191`;
  return (
    <>
      <path className={styles.pipe} d={suction} />
      <path className={styles.pipe} d={discharge} />
      {isRunning && <path className={styles.flowing} d={suction} />}
      {isRunning && <path className={styles.flowing} d={discharge} />}
      <circle className={running === null ? styles.unknown : styles.body} cx={PUMP_X} cy={y} r="36" />
      {running !== null && (
        <g className={isRunning ? styles.turning : undefined}>
          <circle
            cx={PUMP_X}
            cy={y}
            r="25"
            fill={isRunning ? 'var(--equipment)' : 'var(--surface)'}
            stroke="var(--equipment)"
            strokeWidth="2"
          />
          <path
            d={`M${PUMP_X} ${y - 21}v42M${PUMP_X - 18} ${y - 10.5}l36 21M${PUMP_X - 18} ${y + 10.5}l36-21`}
            stroke={isRunning ? 'var(--surface)' : 'var(--equipment-fill)'}
            strokeWidth="4"
          />
        </g>
      )}
      <text className={styles.title} x={PUMP_X} y={y - 68} textAnchor="middle">
        {t('drawing.pumpNo', { n })}
        {duty === n ? ` · ${t('drawing.duty')}` : ''}
      </text>
      <text className={styles.name} x={PUMP_X} y={y - 49} textAnchor="middle">
        {typeof word === 'string' ? word : word && label(word)}
      </text>
      <DrawnValue
        point={points[`pump_${n}_bearing_temp`]}
        x={312}
        y={y + (n === 1 ? 26 : -82)}
        name={t('drawing.bearing')}
      />
      <DrawnValue
        point={points[`pump_${n}_vibration`]}
        x={312}
        y={y + (n === 1 ? 66 : -42)}
        name={t('drawing.vibration')}
      />
      <DrawnValue
        point={points[`pump_${n}_current`]}
        x={PUMP_X}
        y={y + 56}
        anchor="middle"
        name={t('drawing.current')}
      />
    </>
  );
}
