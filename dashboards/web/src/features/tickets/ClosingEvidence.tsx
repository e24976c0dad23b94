import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Panel } from '@/ui/Panel';

/** On what the ticket was closed. */
export function ClosingEvidence({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  return (
    <Panel title={t('ticket.evidence')}>
      <p>
        <strong>{t(`ticket.closeKind.${ticket.close_kind ?? 'manual'}`)}</strong>
      </p>
      {ticket.closed_at && (
        <p className="quiet">
          {time(ticket.closed_at)}
          {ticket.closed_by && ` · ${ticket.closed_by}`}
        </p>
      )}
    </Panel>
  );
}
