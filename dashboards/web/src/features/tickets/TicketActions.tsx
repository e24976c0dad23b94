import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { useMay, useSession } from '@/nouns/session/session';
import { type TicketDetail, type TicketStep, useTicketStep } from '@/nouns/tickets/queries';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Notice } from '@/ui/Notice';
import { tell } from '@/ui/toasts';
import { AssignTo } from './AssignTo';
import { HoldDialog } from './HoldDialog';
import { movesOf } from './moves';
import { RefusalDialog } from './RefusalDialog';
import styles from './TicketActions.module.css';

/** The next moves as big buttons; on a phone they stay at the thumb. */
export function TicketActions({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const mayWork = useMay('engineer');
  const isAdmin = useMay('admin');
  const me = useSession().user.id;
  const [dialog, setDialog] = useState<'hold' | 'refused' | null>(null);
  const step = useTicketStep(ticket.id);
  const go = async (move: TicketStep) => {
    try {
      await step.mutateAsync(move);
      setDialog(null);
      tell(t(`ticket.done.${move.step}`));
    } catch (error) {
      if (isRefusedBySensor(error)) setDialog('refused');
    }
  };
  const isRefusal =
    step.variables?.step === 'close' && step.error instanceof ApiError && step.error.status === 409;
  if (ticket.status === 'closed') return null;
  if (!mayWork) return <Notice>{t('ticket.engineerOnly')}</Notice>;
  if (ticket.assignee && ticket.assignee.id !== me && !isAdmin) {
    return <Notice>{t('ticket.belongsTo', { name: ticket.assignee.display_name })}</Notice>;
  }
  return (
    <div className={styles.actions}>
      {ticket.status === 'verifying' && <p className={styles.waiting}>{t('ticket.closesItself')}</p>}
      {movesOf(ticket.status).map((move, i) => (
        <Button
          key={move}
          isLarge
          look={i === 0 ? 'primary' : 'plain'}
          isBusy={step.isPending && step.variables.step === move}
          disabled={step.isPending}
          onClick={() => {
            if (move === 'hold') setDialog('hold');
            else if (move === 'close') void go({ step: 'close', body: {} });
            else void go({ step: move });
          }}
        >
          {t(`ticket.move.${move}`)}
        </Button>
      ))}
      {isAdmin && ticket.status !== 'verifying' && (
        <AssignTo ticket={ticket} onAssign={(to) => void go({ step: 'assign', to })} />
      )}
      {step.error && !isRefusal && <p role="alert">{text(step.error)}</p>}
      {dialog === 'hold' && (
        <HoldDialog
          isBusy={step.isPending}
          onClose={() => setDialog(null)}
          onHold={(reason) => void go({ step: 'hold', reason })}
        />
      )}
      {dialog === 'refused' && (
        <RefusalDialog
          ticket={ticket}
          refusal={step.error}
          isBusy={step.isPending}
          onClose={() => setDialog(null)}
          onMove={(body) => void go({ step: 'close', body })}
        />
      )}
    </div>
  );
}

/** The server's reasons why the evidence is not complete; any other conflict is not about the sensor. */
const SENSOR_SAYS = [
  'out_of_band',
  'not_yet_verified',
  'sensor_silent',
  'rules_not_running',
  'store_unavailable',
];

function isRefusedBySensor(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && SENSOR_SAYS.includes(error.code);
}
