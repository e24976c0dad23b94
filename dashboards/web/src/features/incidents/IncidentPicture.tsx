import { useTranslation } from 'react-i18next';
import { useProfiles } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import styles from './Incidents.module.css';
import { type Box, boxes } from './layers';
import type { Node } from './queries';

const WIDTH = 190;
const HEIGHT = 58;
const GAP_X = 26;
const GAP_Y = 46;

/** What feeds what, from the cause down, with how many alarms are present in each place. */
export function IncidentPicture({ nodes }: { nodes: Node[] }) {
  const { t } = useTranslation();
  const all = boxes(nodes);
  const layers = [...new Set(all.map((box) => box.steps))].sort((a, b) => a - b);
  const rows = layers.map((steps) => all.filter((box) => box.steps === steps));
  const columns = Math.max(...rows.map((row) => row.length), 1);
  const width = Math.max(columns * (WIDTH + GAP_X) + GAP_X, 560);
  const places = new Map(
    rows.flatMap((row, y) =>
      row.map((box, x): [string, { x: number; y: number }] => [
        box.key,
        {
          x: width / 2 + (x - (row.length - 1) / 2) * (WIDTH + GAP_X),
          y: y * (HEIGHT + GAP_Y) + 8,
        },
      ]),
    ),
  );
  const height = rows.length * (HEIGHT + GAP_Y) - GAP_Y + 16;
  const root = rows[0]?.[0]?.key;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls where the screen is narrow.
    <section className={styles.picture} tabIndex={0} aria-label={t('incident.picture')}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ maxWidth: width }}
        role="img"
        aria-label={t('incident.pictureOf', { count: nodes.length })}
      >
        {all.map((box) => (
          <Edge key={box.key} from={places.get(box.above ?? root ?? '')} to={places.get(box.key)} />
        ))}
        {all.map((box) => (
          <Shape key={box.key} box={box} at={places.get(box.key)} isRoot={box.key === root} />
        ))}
      </svg>
    </section>
  );
}

interface Place {
  x: number;
  y: number;
}

function Edge({ from, to }: { from: Place | undefined; to: Place | undefined }) {
  if (!from || !to || from.y >= to.y) return null;
  const middle = (from.y + HEIGHT + to.y) / 2;
  return <path className={styles.edge} d={`M${from.x} ${from.y + HEIGHT}V${middle}H${to.x}V${to.y}`} />;
}

function Shape({ box, at, isRoot }: { box: Box; at: Place | undefined; isRoot: boolean }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = useProfiles().data ?? [];
  if (!at) return null;
  const type = profiles.find((profile) => profile.key === box.profile);
  const [only] = box.names;
  const name =
    box.names.length === 1 && only
      ? label(only.name)
      : `${box.names.length} × ${type ? label(type.name) : box.profile}`;
  const left = at.x - WIDTH / 2;
  return (
    <g>
      <rect
        className={isRoot ? styles.root : styles.box}
        x={left}
        y={at.y}
        width={WIDTH}
        height={HEIGHT}
        rx={8}
      />
      {box.present > 0 && box.worst && (
        <rect x={left} y={at.y} width={6} height={HEIGHT} rx={3} style={{ fill: `var(--${box.worst})` }} />
      )}
      <text className={styles.name} x={left + 16} y={at.y + 24}>
        {name.length > 24 ? `${name.slice(0, 23)}…` : name}
        <title>{name}</title>
      </text>
      <text className={styles.sub} x={left + 16} y={at.y + 43}>
        {t('incident.presentOf', { present: box.present, count: box.alarms })}
      </text>
    </g>
  );
}
