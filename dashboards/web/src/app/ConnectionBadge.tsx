import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useConnection } from '@/live/hooks';
import { useFormat } from '@/text/format';
import styles from './ConnectionBadge.module.css';

/** Shorter breaks than this are not worth a word. */
const WORTH_SAYING_MS = 1500;

/** Whether what is on screen follows the building now, and if not, since when. */
export function ConnectionBadge() {
  const { t } = useTranslation();
  const { clock, time, duration } = useFormat();
  const { status, since } = useConnection();
  useNow();
  const lasted = Date.now() - since;
  const isAway = status !== 'live' && lasted > WORTH_SAYING_MS;
  return (
    <span className={isAway ? styles.away : styles.live} role="status" title={time(since)}>
      <span className={styles.dot} aria-hidden="true" />
      {isAway
        ? t(`connection.${status}`, { since: clock(since), age: duration(lasted) })
        : t('connection.live')}
    </span>
  );
}
