import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { Countdown } from '@/nouns/tickets/Countdown';
import { type TicketDetail, useTicket } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import { useTitle } from '@/ui/screen';
import { Evidence } from './Evidence';
import { StageBar } from './StageBar';
import { TicketActions } from './TicketActions';
import { TicketHistory } from './TicketHistory';
import styles from './TicketPage.module.css';

export function TicketPage() {
  const query = useTicket(Number(useParams().id));
  useLiveScope(query.data ? [query.data.asset.id] : 'none');
  return (
    <Loaded query={query} lines={10}>
      {(ticket) => <Page ticket={ticket} />}
    </Loaded>
  );
}

function Page({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  useTitle(`${ticket.number} ${label(ticket.title)}`);
  return (
    <>
      <PageHead
        title={label(ticket.title)}
        under={
          <span className={styles.under}>
            <span>{ticket.number}</span>
            <SeverityMark severity={ticket.severity} isHollow />
            <Link to={`/assets/${ticket.asset.id}`}>{label(ticket.asset.name)}</Link>
            {ticket.assignee && <span>{ticket.assignee.display_name}</span>}
            <span>
              {t('ticket.reportedAt')} {time(ticket.reported_at)}
            </span>
            {ticket.recurrences > 0 && <strong>{t('ticket.recurred', { count: ticket.recurrences })}</strong>}
          </span>
        }
        actions={
          <span className={styles.clock}>
            <Countdown ticket={ticket} />
          </span>
        }
      />
      <StageBar ticket={ticket} />
      <TicketActions ticket={ticket} />
      <div className={styles.columns}>
        <Evidence ticket={ticket} />
        <Panel title={t('nav.alarms')} isFlush>
          {ticket.alarms.length ? (
            ticket.alarms.map((alarm) => (
              <AlarmLine
                key={alarm.id}
                alarm={alarm}
                to={`/alarms?state=all&alarm=${alarm.id}`}
                hasAsset={false}
              />
            ))
          ) : (
            <Empty title={t('ticket.noAlarms')} />
          )}
        </Panel>
      </div>
      <TicketHistory ticket={ticket} />
    </>
  );
}
