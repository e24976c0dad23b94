import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { countdown, useFormat } from '@/text/format';
import styles from './AlarmState.module.css';
import type { Alarm } from './queries';

const A_DAY_MS = 86_400_000;

/** That an alarm is quiet, and for how long still; nothing where it is in service. */
export function Availability({ alarm }: { alarm: Pick<Alarm, 'availability'> }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const { kind, until, reason } = alarm.availability;
  if (kind === 'in_service') return null;
  return (
    <span className={styles.state} title={reason ? label(reason) : undefined}>
      <span className={styles.quiet}>
        {t(`alarm.availability.${kind}`)}
        {until && (
          <>
            {' '}
            <Left until={until} />
          </>
        )}
      </span>
    </span>
  );
}

/** Time until then, counting down by the second on its last day. */
export function Left({ until }: { until: string }) {
  const { duration } = useFormat();
  const left = Date.parse(until) - useNow();
  return <>{left < A_DAY_MS ? countdown(left) : duration(left)}</>;
}
