import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTickets } from '@/nouns/tickets/queries';
import { byDeadline } from '@/nouns/tickets/stages';
import { TicketLine } from '@/nouns/tickets/TicketLine';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';

const SHOWN = 6;

export function BeingDone() {
  const { t } = useTranslation();
  const query = useTickets({ status: 'active', limit: 100 });
  const total = query.data?.total ?? 0;
  return (
    <Panel
      title={t('overview.beingDone', { count: total })}
      actions={<Link to="/tickets">{t('overview.allTickets')}</Link>}
      isFlush
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('overview.noTickets')}>{t('overview.noTicketsHint')}</Empty>}
      >
        {(data) =>
          [...data.items]
            .sort(byDeadline)
            .slice(0, SHOWN)
            .map((ticket) => <TicketLine key={ticket.id} ticket={ticket} />)
        }
      </Loaded>
    </Panel>
  );
}
