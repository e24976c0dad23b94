import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import type { Verification } from '@/nouns/tickets/queries';
import { countdown, useFormat } from '@/text/format';
import styles from './Evidence.module.css';

interface Props {
  verification: Verification;
  /** Say in a sentence what the sensor says; not where it was said already. */
  hasDetail?: boolean;
}

/** How far the proof has come: the sensor must stay in band for the whole window. */
export function Verdict({ verification, hasDetail = true }: Props) {
  const { t } = useTranslation();
  const { label, time, duration } = useFormat();
  const now = useNow();
  const { can_close, in_band_since, closes_at, verify_s, detail } = verification;
  const window = verify_s * 1000;
  const left = closes_at ? Date.parse(closes_at) - now : window;
  const share = can_close ? 1 : in_band_since ? Math.max(0, Math.min(1, 1 - left / window)) : 0;
  return (
    <div className={styles.verdict}>
      {hasDetail && !can_close && <p>{label(detail)}</p>}
      <div
        className={styles.track}
        role="progressbar"
        aria-label={t('ticket.proof')}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <p className={styles.clock}>
        {can_close && <strong>{t('ticket.proven')}</strong>}
        {!can_close && in_band_since && closes_at && left > 0 && (
          <>
            <strong>{t('ticket.canCloseIn', { time: countdown(left) })}</strong> ·{' '}
            {t('ticket.inBandSince', { time: time(in_band_since) })}
          </>
        )}
        {!can_close && !in_band_since && t('ticket.notInBand', { window: duration(window) })}
      </p>
    </div>
  );
}
