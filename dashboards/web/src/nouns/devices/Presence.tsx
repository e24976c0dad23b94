import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { instantMs, useFormat } from '@/text/format';
import styles from './Presence.module.css';
import type { Presence as PresenceFacts } from './queries';

interface Props {
  presence: PresenceFacts;
  /** Time of the newest value that the page has heard of itself, ms. */
  heard?: number | undefined;
}

/** Whether a device is there: a shape and a word, since when, and how old its last message is. No colour. */
export function Presence({ presence, heard = 0 }: Props) {
  const { t } = useTranslation();
  const { duration, time } = useFormat();
  const now = useNow();
  const last = Math.max(heard, presence.last_message_at ? instantMs(presence.last_message_at) : 0);
  // it may speak again before the list is asked for again
  const isBack = heard > 0 && last === heard && now - heard < FRESH_MS && presence.state === 'silent';
  const state = isBack ? 'online' : presence.state;
  return (
    <span className={styles.presence}>
      <strong className={styles[state]}>
        <Shape state={state} /> {t(`device.state.${state}`)}
      </strong>
      {presence.since && !isBack && (
        <span className="quiet small" title={time(presence.since)}>
          {t('device.since', { age: duration(now - instantMs(presence.since)) })}
        </span>
      )}
      {last > 0 && state !== 'silent' && (
        <span className="quiet small" title={time(last)}>
          {t('device.lastMessage', { age: duration(now - last) })}
        </span>
      )}
    </span>
  );
}

const FRESH_MS = 60_000;

function Shape({ state }: { state: PresenceFacts['state'] }) {
  return (
    <svg className={styles.shape} viewBox="0 0 12 12" aria-hidden="true">
      <circle
        cx="6"
        cy="6"
        r="4.2"
        fill={state === 'online' ? 'currentColor' : 'none'}
        strokeDasharray={state === 'silent' || state === 'never' ? '2.2 2.2' : undefined}
      />
      {state === 'offline' && <path d="M3 3l6 6" />}
    </svg>
  );
}
