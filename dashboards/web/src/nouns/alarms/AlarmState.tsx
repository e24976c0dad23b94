import { useTranslation } from 'react-i18next';
import styles from './AlarmState.module.css';
import type { Alarm } from './queries';

/** The two things that are not the same: whether the condition stands, and whether somebody has seen it. */
export function AlarmState({ alarm }: { alarm: Pick<Alarm, 'state'> }) {
  const { t } = useTranslation();
  const isStanding = alarm.state === 'unacknowledged' || alarm.state === 'acknowledged';
  const isSeen = alarm.state === 'acknowledged' || alarm.state === 'normal';
  return (
    <span className={styles.state}>
      <span className={isStanding ? styles.strong : styles.calm}>
        {t(isStanding ? 'alarm.standing' : 'alarm.returned')}
      </span>
      <span className={isSeen ? styles.calm : styles.strong}>
        {t(isSeen ? 'alarm.seen' : 'alarm.unseen')}
      </span>
    </span>
  );
}
