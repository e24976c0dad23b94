import { useTranslation } from 'react-i18next';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Facts } from './Facts';
import { byKey, DrawnValue, useNumber } from './parts';
import styles from './parts.module.css';
import { useFloors } from './useFloors';

const SHAFT = { x: 70, y: 66, width: 118, height: 316 };
const DOOR = { closed: 0, opening: 1, open: 2, closing: 3 };
/** How far the panels stand open, 0 to 1, for each state of the door. */
const OPENING: Record<number, number> = {
  [DOOR.closed]: 0,
  [DOOR.opening]: 0.55,
  [DOOR.open]: 1,
  [DOOR.closing]: 0.55,
};

/** Shaft with the car where it is, its door, whoever is inside, and the machine on top. */
export function Elevator({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = byKey(asset);
  const { lowest, highest } = useFloors(points.floor);
  const floor = useNumber(points.floor);
  const count = highest - lowest + 1;
  const step = SHAFT.height / count;
  const carHeight = Math.max(34, Math.min(64, step - 3));
  const top = (level: number) => SHAFT.y + SHAFT.height - (level - lowest) * step - step / 2 - carHeight / 2;
  const y = Math.min(SHAFT.y + SHAFT.height - carHeight, Math.max(SHAFT.y, top(floor ?? lowest)));
  const every = Math.ceil(count / 16);
  const levels = Array.from({ length: count }, (_, i) => lowest + i).filter(
    (level) => (level - lowest) % every === 0,
  );
  return (
    <>
      <svg
        className={styles.drawing}
        viewBox="0 0 460 396"
        role="img"
        aria-label={t('drawing.elevator', { name: label(asset.name) })}
      >
        <rect className={styles.pale} {...SHAFT} rx="4" />
        {levels.map((level) => (
          <g key={level}>
            <line
              x1={SHAFT.x - 6}
              x2={SHAFT.x}
              y1={top(level) + carHeight / 2}
              y2={top(level) + carHeight / 2}
              stroke="var(--line-strong)"
            />
            <text
              className={styles.name}
              x={SHAFT.x - 12}
              y={top(level) + carHeight / 2 + 4}
              textAnchor="end"
            >
              {level}
            </text>
          </g>
        ))}
        <Machine asset={asset} />
        <line x1="129" x2="129" y1="58" y2={y} stroke="var(--equipment)" strokeWidth="2" />
        <g className={styles.moving} style={{ transform: `translate(${SHAFT.x + 14}px, ${y}px)` }}>
          <Car asset={asset} height={carHeight} isKnown={floor !== null} />
        </g>
        <DrawnValue point={points.floor} x={232} y={122} />
        <DrawnValue point={points.direction} x={346} y={122} />
        <DrawnValue point={points.speed} x={232} y={174} />
        <DrawnValue point={points.door} x={346} y={174} />
        <DrawnValue point={points.load_kg} x={232} y={226} />
        <DrawnValue point={points.occupied} x={346} y={226} />
        <DrawnValue point={points.service_mode} x={232} y={278} />
        <DrawnValue point={points.mains} x={346} y={278} />
        <DrawnValue point={points.fault_code} x={232} y={330} />
      </svg>
      <Facts points={[points.alarm_button, points.in_door_zone, points.event_code]} />
    </>
  );
}

function Machine({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const points = byKey(asset);
  const direction = useNumber(points.direction);
  return (
    <>
      <rect className={styles.body} x="92" y="14" width="74" height="40" rx="6" />
      <circle className={styles.body} cx="129" cy="34" r="14" />
      <path className={`${styles.ink} ${direction ? styles.turning : ''}`} d="M129 22v24M117 34h24" />
      <DrawnValue point={points.motor_temp} x={232} y={22} name={t('drawing.motor')} />
      <DrawnValue point={points.motor_current} x={346} y={22} name={t('drawing.motor')} />
      <DrawnValue point={points.vibration} x={232} y={70} />
    </>
  );
}

const CAR_WIDTH = 90;

function Car({ asset, height, isKnown }: { asset: AssetDetail; height: number; isKnown: boolean }) {
  const points = byKey(asset);
  const door = useNumber(points.door);
  const occupied = useNumber(points.occupied);
  const direction = useNumber(points.direction);
  const opening = door === null ? 0 : (OPENING[door] ?? 0);
  const panel = (CAR_WIDTH / 2 - 4) * (1 - opening * 0.82);
  if (!isKnown) return <rect className={styles.unknown} width={CAR_WIDTH} height={height} rx="4" />;
  return (
    <>
      <rect className={styles.body} width={CAR_WIDTH} height={height} rx="4" />
      {occupied === 1 && <Person x={CAR_WIDTH / 2} height={height} />}
      <g className={styles.strong} opacity={occupied === 1 ? 0.55 : 0.8}>
        <rect x="4" y="4" width={panel} height={height - 8} style={{ transition: 'width 900ms' }} />
        <rect
          x={CAR_WIDTH - 4 - panel}
          y="4"
          width={panel}
          height={height - 8}
          style={{ transition: 'all 900ms' }}
        />
      </g>
      {direction === 1 && <path className={styles.ink} d={`M98 ${height / 2 + 5}l5-9 5 9`} />}
      {direction === 2 && <path className={styles.ink} d={`M98 ${height / 2 - 4}l5 9 5-9`} />}
    </>
  );
}

function Person({ x, height }: { x: number; height: number }) {
  const scale = (height - 10) / 30;
  return (
    <g transform={`translate(${x} 6) scale(${scale})`} fill="var(--text)">
      <circle cx="0" cy="5" r="4.500" />
      <path d="M-6 28v-9a6 6 0 0 1 12 0v9z" />
    </g>
  );
}
