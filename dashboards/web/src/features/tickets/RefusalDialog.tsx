import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/nouns/session/session';
import type { CloseBody, TicketDetail } from '@/nouns/tickets/queries';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Evidence.module.css';
import { FactCheck } from './FactCheck';
import { Verdict } from './Verdict';

interface Props {
  ticket: TicketDetail;
  refusal: unknown;
  isBusy: boolean;
  onClose: () => void;
  onMove: (body: CloseBody) => void;
}

/** Why the ticket stays open, what the sensor says now, and the ways on. */
export function RefusalDialog({ ticket, refusal, isBusy, onClose, onMove }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const maySupervise = useMay('admin');
  const verification = ticket.verification;
  return (
    <Dialog title={t('ticket.refused')} onClose={onClose}>
      <p className={styles.why} role="alert">
        {text(refusal)}
      </p>
      {verification && (
        <>
          {verification.facts.map((fact) => (
            <FactCheck key={fact.point_id} fact={fact} assetId={ticket.asset.id} />
          ))}
          <Verdict verification={verification} hasDetail={false} />
        </>
      )}
      <div className={styles.ways}>
        {verification?.can_close ? (
          <Button look="primary" isLarge isBusy={isBusy} onClick={() => onMove({})}>
            {t('ticket.move.close')}
          </Button>
        ) : (
          ticket.status !== 'verifying' && (
            <Button look="primary" isLarge isBusy={isBusy} onClick={() => onMove({ when_verified: true })}>
              {t('ticket.whenVerified')}
            </Button>
          )
        )}
        <Button isLarge onClick={onClose}>
          {t('ticket.keepWorking')}
        </Button>
      </div>
      {maySupervise && (
        <Override isBusy={isBusy} onOverride={(reason) => onMove({ override_reason: reason })} />
      )}
    </Dialog>
  );
}

function Override({ isBusy, onOverride }: { isBusy: boolean; onOverride: (reason: string) => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onOverride(reason.trim());
  };
  return (
    <details className={styles.override}>
      <summary>{t('ticket.override')}</summary>
      <form onSubmit={submit} className={layout.form}>
        <p className="quiet">{t('ticket.overrideMeans')}</p>
        <TextArea
          label={t('ticket.reason')}
          required
          minLength={4}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button type="submit" look="danger" isLarge isBusy={isBusy} disabled={reason.trim().length < 4}>
          {t('ticket.closeAnyway')}
        </Button>
      </form>
    </details>
  );
}
