import type { ReactNode } from 'react';
import { Failure } from './Failure';
import styles from './Loaded.module.css';

interface Query<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => unknown;
  isFetching: boolean;
}

interface Props<T> {
  query: Query<T>;
  /** How many grey lines to show while loading. */
  lines?: number;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
  children: (data: T) => ReactNode;
}

/** Loading, error and empty in one place: old data stay on screen while new ones cannot be had. */
export function Loaded<T>({ query, lines = 3, isEmpty, empty, children }: Props<T>) {
  const { data, error, refetch, isFetching } = query;
  if (data === undefined && error !== null)
    return <Failure error={error} onRetry={refetch} isRetrying={isFetching} />;
  if (data === undefined) return <Waiting lines={lines} />;
  return (
    <>
      {error !== null && <Failure error={error} onRetry={refetch} isRetrying={isFetching} isKept />}
      {isEmpty?.(data) ? empty : children(data)}
    </>
  );
}

export function Waiting({ lines = 3 }: { lines?: number }) {
  const widths = Array.from({ length: lines }, (_, i) => 94 - ((i * 37) % 40));
  return (
    <div className={styles.waiting} role="status" aria-busy="true">
      {widths.map((width) => (
        <span key={width} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

/** Nothing to show, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {children && <div className="quiet">{children}</div>}
    </div>
  );
}
