import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Left } from '@/nouns/alarms/Availability';
import { type AlarmDetail, isActive, useReset, useUnshelve } from '@/nouns/alarms/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Notice } from '@/ui/Notice';
import { ShelveDialog } from './ShelveDialog';

/** What an engineer can do with an alarm besides having seen it: put it aside, take it back, reset it. */
export function Keeping({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [isAsking, setAsking] = useState(false);
  const unshelve = useUnshelve(alarm.id);
  const reset = useReset(alarm.id);
  const { kind } = alarm.availability;
  const waitsForReset = alarm.latched && isActive(alarm) && alarm.returned_at !== null;
  const error = unshelve.error ?? reset.error;
  return (
    <>
      {kind === 'in_service' && alarm.state !== 'normal' && (
        <Button onClick={() => setAsking(true)}>{t('alarm.shelve')}</Button>
      )}
      {kind === 'shelved' && (
        <Button onClick={() => unshelve.mutate()} isBusy={unshelve.isPending}>
          {t('alarm.unshelve')}
        </Button>
      )}
      {waitsForReset && (
        <Button onClick={() => reset.mutate()} isBusy={reset.isPending}>
          {t('alarm.reset')}
        </Button>
      )}
      {error && <p role="alert">{text(error)}</p>}
      {isAsking && (
        <ShelveDialog alarms={[alarm]} onClose={() => setAsking(false)} onDone={() => setAsking(false)} />
      )}
    </>
  );
}

/** Why nobody is told of it now, by whom, until when. */
export function QuietBecause({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const { kind, reason, until, by, source } = alarm.availability;
  if (kind === 'in_service') return null;
  return (
    <Notice>
      <strong>{t(`alarm.because.${kind}`)}</strong>
      <div>
        {source === 'cause' && alarm.incident_id !== null && reason ? (
          <Link to={`/incidents/${alarm.incident_id}`}>{label(reason)}</Link>
        ) : (
          reason && label(reason)
        )}
      </div>
      <div className="quiet">
        {by}
        {by && until && ' · '}
        {until && (
          <>
            {t('alarm.until', { time: time(until) })} (<Left until={until} />)
          </>
        )}
      </div>
    </Notice>
  );
}
