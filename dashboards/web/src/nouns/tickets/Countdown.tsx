import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { countdown, useFormat } from '@/text/format';
import styles from './Countdown.module.css';
import { deadlineOf, type Timed } from './stages';

const LAST_HOUR_MS = 3_600_000;

/** Time left to answer or to solve, or how long it is overdue. */
export function Countdown({ ticket }: { ticket: Timed }) {
  const { t } = useTranslation();
  const { duration, time } = useFormat();
  const now = useNow();
  const deadline = deadlineOf(ticket);
  if (!deadline) return null;
  const left = deadline.at - now;
  const shown = Math.abs(left) < LAST_HOUR_MS ? countdown(Math.abs(left)) : duration(Math.abs(left));
  return (
    <span className={left < 0 ? styles.overdue : styles.left} title={time(deadline.at)}>
      {t(left < 0 ? `ticket.overdue.${deadline.aim}` : `ticket.left.${deadline.aim}`, { time: shown })}
    </span>
  );
}
