import type { ReactNode } from 'react';
import styles from './Panel.module.css';

interface Props {
  title?: ReactNode;
  /** What can be done with it, at the right of the title. */
  actions?: ReactNode;
  /** The content brings its own edges (tables, lists). */
  isFlush?: boolean;
  children: ReactNode;
}

export function Panel({ title, actions, isFlush, children }: Props) {
  return (
    <section className={styles.panel}>
      {(title || actions) && (
        <header className={styles.head}>
          {title && <h2>{title}</h2>}
          {actions && <div className={styles.actions}>{actions}</div>}
        </header>
      )}
      <div className={isFlush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}

interface HeadProps {
  title: ReactNode;
  under?: ReactNode;
  actions?: ReactNode;
}

/** Title of a page with what can be done there. */
export function PageHead({ title, under, actions }: HeadProps) {
  return (
    <header className={styles.page}>
      <div>
        <h1>{title}</h1>
        {under && <div className={styles.under}>{under}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
