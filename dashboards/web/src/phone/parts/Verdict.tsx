import type { LoggedEvent } from '../store/db';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import styles from './Verdict.module.css';

/** What the server made of an event, with its reasons; until it has said so, that it has not. */
export function VerdictBox({ event }: { event: LoggedEvent }) {
  const t = useText();
  const { verdict, state } = event;
  if (!verdict)
    return (
      <p className={styles.box} data-strength="waiting" role="status">
        <span className={styles.mark} aria-hidden="true">
          …
        </span>
        {t.verdict.waiting}
      </p>
    );
  const isRefused = verdict.status === 'refused' || verdict.strength === 'refused';
  // the sentence on top is that of the weightiest reason
  const others = verdict.reasons.filter((one) => say(one.text) !== say(verdict.message));
  const strength = isRefused ? 'refused' : (verdict.strength ?? 'accepted');
  return (
    <div className={styles.box} data-strength={strength} role="status">
      <span className={styles.mark} aria-hidden="true">
        {MARKS[strength]}
      </span>
      <div>
        <strong>{state === 'stuck' ? t.verdict.stuck : t.verdict[strength]}</strong>
        {verdict.message && <p>{say(verdict.message)}</p>}
        {others.length > 0 && (
          <ul>
            {others.map((reason) => (
              <li key={reason.code}>{say(reason.text)}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

const MARKS = { strong: '✓✓', fair: '✓', accepted: '✓', weak: '~', refused: '✕' } as const;
