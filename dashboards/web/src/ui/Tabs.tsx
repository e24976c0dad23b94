import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import styles from './Tabs.module.css';

export interface Tab {
  to: string;
  label: string;
}

interface Props {
  /** What they are the parts of; read aloud only. */
  name: string;
  tabs: readonly Tab[];
  /** The address of the tab on screen. */
  shown: string;
}

/** Pages that belong together, as a row of links. */
export function Tabs({ name, tabs, shown }: Props) {
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab may stand outside of a narrow screen.
  useEffect(() => {
    // in braces: where it gives a promise, React would call that as the effect's end
    here.current?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [shown]);
  return (
    <nav className={styles.tabs} aria-label={name}>
      {tabs.map(({ to, label }) => (
        <Link
          key={to}
          ref={to === shown ? here : undefined}
          to={to}
          className={to === shown ? styles.here : undefined}
          aria-current={to === shown ? 'page' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
