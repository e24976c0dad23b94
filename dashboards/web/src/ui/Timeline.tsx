import type { ReactNode } from 'react';
import styles from './Timeline.module.css';

export interface Entry {
  key: string;
  title: string;
  at: string;
  by: string | null;
  text?: ReactNode;
}

/** What happened, when, by whom. */
export function Timeline({ entries }: { entries: Entry[] }) {
  return (
    <ol className={styles.timeline}>
      {entries.map((entry) => (
        <li key={entry.key}>
          <strong>{entry.title}</strong>
          <span className={styles.when}>
            {entry.at}
            {entry.by && ` · ${entry.by}`}
          </span>
          {entry.text && <div className={styles.text}>{entry.text}</div>}
        </li>
      ))}
    </ol>
  );
}
