import type { ReactNode } from 'react';
import styles from './Figures.module.css';

/** Key figures side by side. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}

interface Props {
  name: string;
  value: string;
  /** What it is to be measured by, a line each. */
  notes: ReactNode[];
}

export function Figure({ name, value, notes }: Props) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd className={styles.value}>{value}</dd>
      {notes.map((note, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a figure never move.
        <dd key={line} className={styles.note}>
          {note}
        </dd>
      ))}
    </div>
  );
}
