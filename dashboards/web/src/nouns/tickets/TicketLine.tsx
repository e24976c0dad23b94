import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '@/text/format';
import { SeverityMark } from '@/ui/SeverityMark';
import { Countdown } from './Countdown';
import type { Ticket } from './queries';
import styles from './TicketLine.module.css';

/** One ticket in a list of a panel, on the board or on a phone. */
export function TicketLine({ ticket, look = 'row' }: { ticket: Ticket; look?: 'row' | 'card' }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <Link to={`/tickets/${ticket.id}`} className={look === 'card' ? styles.card : styles.row}>
      <span className={styles.top}>
        <SeverityMark severity={ticket.severity} isHollow />
        {look === 'row' && <span className={styles.title}>{label(ticket.title)}</span>}
        <span className={styles.number}>{ticket.number}</span>
      </span>
      {look === 'card' && <span className={styles.title}>{label(ticket.title)}</span>}
      <span className={styles.bottom}>
        {look === 'row' && <span className={styles.status}>{t(`ticket.status.${ticket.status}`)}</span>}
        <span>{ticket.assignee ? ticket.assignee.display_name : t('ticket.nobody')}</span>
        <Countdown ticket={ticket} />
      </span>
    </Link>
  );
}
