import type { ReactNode } from 'react';
import styles from './Notice.module.css';

/** A box with something to read. Not coloured: colour belongs to alarms. */
export function Notice({ role, children }: { role?: 'alert' | 'status'; children: ReactNode }) {
  return (
    <div className={styles.notice} role={role}>
      {children}
    </div>
  );
}
