import styles from './Sparkline.module.css';

interface Props {
  /** [time ms, value]; null breaks the line. */
  samples: [number, number | null][];
  from: number;
  to: number;
  normal?: [number, number] | null;
  width?: number;
  height?: number;
}

const EDGE = 3;

/** The course of the last hour, with the normal band behind it. Decoration of a number that stands beside it. */
export function Sparkline({ samples, from, to, normal, width = 120, height = 32 }: Props) {
  const known = samples.flatMap(([, value]) => (value === null ? [] : [value]));
  if (known.length < 2) return <span className={styles.none} style={{ width, height }} />;
  const low = Math.min(...known);
  const high = Math.max(...known);
  const pad = (high - low || Math.abs(high) || 1) * 0.12;
  const x = (at: number) => ((at - from) / (to - from || 1)) * width;
  const y = (value: number) =>
    height - EDGE - ((value - low + pad) / (high - low + 2 * pad)) * (height - 2 * EDGE);
  const clamp = (value: number) => Math.max(0, Math.min(height, value));
  return (
    <svg
      className={styles.line}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      {normal && (
        <rect
          className={styles.band}
          width={width}
          y={clamp(y(normal[1]))}
          height={clamp(y(normal[0])) - clamp(y(normal[1]))}
        />
      )}
      <path d={path(samples, x, y)} />
    </svg>
  );
}

function path(samples: Props['samples'], x: (at: number) => number, y: (value: number) => number): string {
  let isDown = false;
  let drawn = '';
  for (const [at, value] of samples) {
    if (value === null) {
      isDown = false;
      continue;
    }
    drawn += `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = true;
  }
  return drawn;
}
