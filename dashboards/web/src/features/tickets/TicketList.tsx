import { useTranslation } from 'react-i18next';
import { useSession } from '@/nouns/session/session';
import type { Ticket } from '@/nouns/tickets/queries';
import { byDeadline } from '@/nouns/tickets/stages';
import { TicketLine } from '@/nouns/tickets/TicketLine';
import { Panel } from '@/ui/Panel';

/** My own work first, then the rest; what is due soonest on top. */
export function TicketList({ tickets }: { tickets: Ticket[] }) {
  const { t } = useTranslation();
  const me = useSession().user.id;
  const mine = tickets.filter((ticket) => ticket.assignee?.id === me && ticket.status !== 'closed');
  const rest = tickets.filter((ticket) => !mine.includes(ticket));
  const lines = (some: Ticket[]) =>
    some.sort(byDeadline).map((ticket) => <TicketLine key={ticket.id} ticket={ticket} />);
  return (
    <>
      {mine.length > 0 && (
        <Panel title={t('ticket.mine')} isFlush>
          {lines(mine)}
        </Panel>
      )}
      {rest.length > 0 && (
        <Panel title={mine.length > 0 ? t('ticket.others') : undefined} isFlush>
          {lines(rest)}
        </Panel>
      )}
    </>
  );
}
