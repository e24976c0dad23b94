import { useTranslation } from 'react-i18next';
import { OPEN_STATUSES, type Ticket } from '@/nouns/tickets/queries';
import { byDeadline } from '@/nouns/tickets/stages';
import { TicketLine } from '@/nouns/tickets/TicketLine';
import styles from './TicketsPage.module.css';

/** One column for each status that needs somebody. */
export function TicketBoard({ tickets }: { tickets: Ticket[] }) {
  const { t } = useTranslation();
  return (
    <div className={styles.board}>
      {OPEN_STATUSES.map((status) => {
        const here = tickets.filter((ticket) => ticket.status === status).sort(byDeadline);
        return (
          <section key={status} className={styles.column}>
            <h2>
              {t(`ticket.status.${status}`)} <span className="quiet">{here.length}</span>
            </h2>
            {here.map((ticket) => (
              <TicketLine key={ticket.id} ticket={ticket} look="card" />
            ))}
            {here.length === 0 && <p className="quiet small">{t('ticket.noneHere')}</p>}
          </section>
        );
      })}
    </div>
  );
}
