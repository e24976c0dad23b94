import { Icon } from '@/ui/icons';
import type { Step } from '../rounds/progress';
import { follow } from '../route';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { shortTime } from '../text/when';
import styles from './StepLine.module.css';

/** One point of a round; pressing it goes there, or to its scan. */
export function StepLine({ step, position, roundId }: { step: Step; position: number; roundId: number }) {
  const t = useText();
  const { checkpoint, scan, isDone, isMissed, leg } = step;
  const path = scan
    ? `/point/${roundId}/${leg.checkpoint_id}/${scan.id}`
    : `/scan/${roundId}/${leg.checkpoint_id}`;
  const isUnsent = scan !== null && scan.state === 'waiting';
  const word = isMissed ? t.round.missed : isDone ? t.round.done : t.round.open;
  return (
    <li>
      <a {...follow(path)} className={`pressable ${isDone ? styles.done : ''}`}>
        <span className={styles.number} aria-hidden="true">
          {isDone ? <Icon name="check" /> : position}
        </span>
        <span className={styles.name}>
          <span className="value">{say(checkpoint?.name)}</span>
          <span className="quiet">{checkpoint?.space.map(say).join(' · ')}</span>
        </span>
        <span className={`quiet ${styles.state}`}>
          {word}
          {isUnsent && <span>{t.round.unsent}</span>}
          {!isDone && leg.due_at && <span>{shortTime(leg.due_at)}</span>}
          {scan?.verdict?.strength && <span>{t.verdict[scan.verdict.strength]}</span>}
        </span>
      </a>
    </li>
  );
}
