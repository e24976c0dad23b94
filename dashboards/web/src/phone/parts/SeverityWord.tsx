import { useText } from '../text/phrases';
import styles from './SeverityWord.module.css';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** Whether a word of the server is one of ours. */
function isSeverity(word: string): word is Severity {
  return word in SHAPES;
}

/** The one place of colour: how bad something is, with its shape and its word. */
export function SeverityWord({ severity }: { severity: string }) {
  const t = useText();
  if (!isSeverity(severity)) return null;
  return (
    <span className={styles.word} data-severity={severity}>
      <svg width="16" height="16" viewBox="0 0 24 24" aria-hidden="true">
        <path d={SHAPES[severity]} />
      </svg>
      {t.severity[severity]}
    </span>
  );
}

const SHAPES: Record<Severity, string> = {
  critical: 'M12 1.500 22.500 12 12 22.500 1.500 12z',
  high: 'M12 2 23 21H1z',
  medium: 'M3 3h18v18H3z',
  low: 'M12 2.500a9.500 9.500 0 1 0 0 19 9.500 9.500 0 0 0 0-19z',
};
