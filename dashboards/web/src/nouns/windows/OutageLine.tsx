import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import styles from './Outage.module.css';
import { type Outage, usePutBack } from './queries';

/** That a machine is out of service: why, by whom, since when, until when; and the way back. */
export function OutageLine({ outage, hasName }: { outage: Outage; hasName?: boolean }) {
  const { t } = useTranslation();
  const { label, short, time } = useFormat();
  const now = useNow();
  const mayPut = useMay('engineer');
  const [isAsking, setAsking] = useState(false);
  const isLate = outage.until !== null && Date.parse(outage.until) < now;
  return (
    <div className={styles.line}>
      <div className={styles.words}>
        <strong>
          {hasName ? (
            <Link to={`/assets/${outage.asset.id}`}>{label(outage.asset.name)}</Link>
          ) : (
            t('outage.is')
          )}
        </strong>
        <span>{outage.reason}</span>
        <span className="quiet" title={time(outage.since)}>
          {outage.by} · {t('outage.since', { time: short(outage.since) })} ·{' '}
          {outage.until ? t('outage.until', { time: short(outage.until) }) : t('outage.openEnd')}
          {isLate && <strong> · {t('outage.late')}</strong>}
        </span>
      </div>
      {mayPut && <Button onClick={() => setAsking(true)}>{t('outage.putBack')}</Button>}
      {isAsking && <PutBackDialog outage={outage} onClose={() => setAsking(false)} />}
    </div>
  );
}

function PutBackDialog({ outage, onClose }: { outage: Outage; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const failure = useFailureText();
  const putBack = usePutBack();
  const go = () =>
    putBack.mutate(outage.asset.id, {
      onSuccess: () => {
        tell(t('outage.isBack', { name: label(outage.asset.name) }));
        onClose();
      },
    });
  return (
    <Dialog title={t('outage.putBackTitle', { name: label(outage.asset.name) })} onClose={onClose}>
      <div className={layout.form}>
        <p>{t('outage.putBackMeans')}</p>
        {putBack.error && <p role="alert">{failure(putBack.error)}</p>}
        <Button look="primary" isLarge isBusy={putBack.isPending} onClick={go}>
          {t('outage.putBack')}
        </Button>
      </div>
    </Dialog>
  );
}
