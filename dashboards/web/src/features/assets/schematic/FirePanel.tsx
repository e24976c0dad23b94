import { useTranslation } from 'react-i18next';
import { useReadings } from '@/live/hooks';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { SeverityShape } from '@/ui/SeverityMark';
import { Facts } from './Facts';
import { componentState, loopsOf } from './fireLoops';
import { byKey } from './parts';
import styles from './parts.module.css';

const LOOP_HEIGHT = 128;
const LEFT = 122;
const WIDTH = 410;

/** The panel with its loops; each component with its shape for fire, fault or disabled. */
export function FirePanel({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = byKey(asset);
  const loops = loopsOf(asset.points);
  const height = Math.max(1, loops.length) * LOOP_HEIGHT + 16;
  return (
    <>
      <svg
        className={styles.drawing}
        viewBox={`0 0 548 ${height}`}
        role="img"
        aria-label={t('drawing.firePanel', { name: label(asset.name) })}
      >
        <rect className={styles.body} x="8" y="10" width="76" height={height - 20} rx="8" />
        <path
          className={styles.ink}
          d={`M46 ${height / 2 - 14}c9 9 11 14 11 19a11 11 0 0 1-22 0c0-5 5-8 11-19z`}
        />
        {loops.map((loop, i) => (
          <Loop
            key={loop.number}
            number={loop.number}
            components={loop.components}
            y={10 + i * LOOP_HEIGHT}
          />
        ))}
      </svg>
      <Abnormal components={loops.flatMap((loop) => loop.components)} />
      <Facts points={[points.system_status, points.mains_voltage, points.battery_voltage]} />
    </>
  );
}

function Loop({ number, components, y }: { number: string; components: Point[]; y: number }) {
  const { t } = useTranslation();
  const readings = useReadings(components.map((component) => component.id));
  const step = (WIDTH - 20) / Math.max(1, components.length);
  const top = y + 42;
  return (
    <>
      <path
        d={`M84 ${top}H${LEFT + WIDTH - 20}a14 14 0 0 1 14 14v22a14 14 0 0 1-14 14H84`}
        fill="none"
        stroke="var(--equipment-fill)"
        strokeWidth="4"
      />
      <text className={styles.title} x={LEFT - 20} y={y + 18}>
        {t('drawing.loop', { n: number })}
      </text>
      {components.map((component, i) => {
        const value = readings[i]?.value;
        const { severity, isKnown } = componentState(typeof value === 'number' ? value : null);
        const x = LEFT + 18 + i * step;
        return (
          <g key={component.id}>
            <circle className={isKnown ? styles.body : styles.unknown} cx={x} cy={top} r="13" />
            {severity && (
              <g transform={`translate(${x - 12} ${top - 12})`}>
                <SeverityShape severity={severity} size={24} />
              </g>
            )}
            <text className={styles.name} x={x} y={top + 34} textAnchor="middle">
              {component.key.split('_').at(-1)}
            </text>
          </g>
        );
      })}
    </>
  );
}

/** What the shapes mean, in words. */
function Abnormal({ components }: { components: Point[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const readings = useReadings(components.map((component) => component.id));
  const wrong = components.flatMap((component, i) => {
    const value = readings[i]?.value;
    const state = componentState(typeof value === 'number' ? value : null);
    return state.severity ? [{ component, ...state }] : [];
  });
  if (!wrong.length) return <p className="quiet">{t('drawing.allComponentsNormal')}</p>;
  return (
    <ul>
      {wrong.map(({ component, severity, bits }) => (
        <li key={component.id} className={styles.marked}>
          {severity && <SeverityShape severity={severity} />}
          <strong>{label(component.name)}</strong>
          {bits
            .map((bit) => component.bits?.[String(bit)])
            .map((name) => (name ? label(name) : ''))
            .join(', ')}
        </li>
      ))}
    </ul>
  );
}
