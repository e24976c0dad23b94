import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useMay } from '@/nouns/session/session';
import { instantMs, useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { type Sos, useAcknowledgeSos, useCheckpoints, useCloseSos, useSos } from './queries';
import styles from './SosBanner.module.css';
import { startSiren } from './siren';

/** Calls for help, above everything on every page, until somebody sees to them; `isMute`: where it stands twice. */
export function SosBanner({ isMute = false }: { isMute?: boolean }) {
  const { t } = useTranslation();
  const mayHelp = useMay('guard');
  const calls = useSos({ isWanted: mayHelp }).data?.items ?? [];
  const isUnanswered = calls.some((call) => call.acknowledged_at === null && call.cancelled_at === null);
  const isHeard = isUnanswered && !isMute;
  useEffect(() => (isHeard ? startSiren() : undefined), [isHeard]);
  if (calls.length === 0) return null;
  return (
    <section className={styles.stack} aria-label={t('sos.title')}>
      {calls.map((call) => (
        <Call key={call.id} call={call} />
      ))}
    </section>
  );
}

function Call({ call }: { call: Sos }) {
  const { t } = useTranslation();
  const { clock, duration } = useFormat();
  const text = useFailureText();
  const now = useNow();
  const mayClose = useMay('engineer');
  const place = usePlaceText(call);
  const acknowledge = useAcknowledgeSos();
  const close = useCloseSos();
  const isSeen = call.acknowledged_at !== null || call.cancelled_at !== null;
  const error = acknowledge.error ?? close.error;
  return (
    <div
      className={isSeen ? `${styles.call} ${styles.seen}` : styles.call}
      role={isSeen ? undefined : 'alert'}
    >
      <span className={styles.word}>{t(call.kind === 'lone_worker' ? 'sos.lone' : 'sos.word')}</span>
      <div className={styles.what}>
        <strong>{call.person}</strong>
        {call.message && <> · {call.message}</>}
        <div>
          {clock(call.at)} · {place}
          {!isSeen && <> · {t('sos.waiting', { time: duration(now - instantMs(call.at)) })}</>}
          {call.acknowledged_at && (
            <> · {t('sos.seenBy', { name: call.acknowledged_by, time: clock(call.acknowledged_at) })}</>
          )}
          {call.cancelled_at && <> · {t('sos.cancelled', { time: clock(call.cancelled_at) })}</>}
        </div>
        {error && <div>{text(error)}</div>}
      </div>
      <div className={styles.acts}>
        {!isSeen && (
          <Button isLarge isBusy={acknowledge.isPending} onClick={() => acknowledge.mutate(call.id)}>
            {t('sos.acknowledge')}
          </Button>
        )}
        {isSeen && mayClose && (
          <Button isBusy={close.isPending} onClick={() => close.mutate(call.id)}>
            {t('sos.close')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Where it came from, as far as known: the last checkpoint, else the phone's place. */
function usePlaceText(call: Sos): string {
  const { t } = useTranslation();
  const { label } = useFormat();
  const checkpoints = useCheckpoints().data?.items ?? [];
  const last = checkpoints.find((one) => one.id === call.checkpoint_id);
  const place = call.place as { lat_e7?: number; lng_e7?: number; accuracy_m?: number } | null;
  const parts = [];
  if (last) parts.push(t('sos.lastSeen', { place: label(last.name) }));
  if (place?.lat_e7 !== undefined && place.lng_e7 !== undefined) {
    const spot = `${(place.lat_e7 / 1e7).toFixed(5)}, ${(place.lng_e7 / 1e7).toFixed(5)}`;
    parts.push(place.accuracy_m === undefined ? spot : `${spot} ± ${place.accuracy_m} m`);
  }
  return parts.join(' · ') || t('sos.noPlace');
}
