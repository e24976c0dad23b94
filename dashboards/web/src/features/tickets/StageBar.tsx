import { useTranslation } from 'react-i18next';
import type { TicketDetail, TicketStatus } from '@/nouns/tickets/queries';
import { STAGES, type Stage, stageOf } from '@/nouns/tickets/stages';
import { useFormat } from '@/text/format';
import { Icon } from '@/ui/icons';
import styles from './StageBar.module.css';

function reachedAt(ticket: TicketDetail, stage: Stage): string | null {
  const times: Record<Stage, string | null> = {
    open: ticket.reported_at,
    accepted: ticket.accepted_at,
    on_site: ticket.on_site_at,
    verifying: ticket.status === 'closed' ? verifiedAt(ticket) : ticket.done_at,
    closed: ticket.closed_at,
  };
  return times[stage];
}

/** It is the sensor that verifies, and that closes the ticket; to have asked it is not enough. */
function verifiedAt(ticket: TicketDetail): string | null {
  return ticket.close_kind === 'verified' ? ticket.closed_at : null;
}

/** Named by what goes on and not by what was reached. */
const UNDER_WAY: TicketStatus[] = ['on_hold', 'verifying'];

function lookOf(ahead: number, isSkipped: boolean) {
  if (isSkipped) return `${styles.past} ${styles.skipped}`;
  if (ahead === 0) return styles.here;
  return ahead < 0 ? styles.past : styles.ahead;
}

/** Where the ticket is on its way, with the time of each stage reached. */
export function StageBar({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const isUnderWay = UNDER_WAY.includes(ticket.status);
  const here = STAGES.indexOf(
    ticket.status === 'on_hold' && ticket.on_site_at ? 'on_site' : stageOf(ticket.status),
  );
  return (
    <ol className={styles.bar} aria-label={t('ticket.stages')}>
      {STAGES.map((stage, i) => {
        const at = reachedAt(ticket, stage);
        const isHere = i === here;
        // gone past without anybody having shown it: that is no tick
        const isSkipped = i < here && at === null;
        return (
          <li key={stage} className={lookOf(i - here, isSkipped)} aria-current={isHere ? 'step' : undefined}>
            <span className={styles.mark}>
              {isSkipped ? '–' : i < here ? <Icon name="check" size={16} /> : i + 1}
            </span>
            <span className={styles.word}>
              {isHere && isUnderWay ? t(`ticket.status.${ticket.status}`) : t(`ticket.stage.${stage}`)}
            </span>
            <span className={styles.time}>
              {isSkipped
                ? t(stage === 'verifying' ? 'ticket.notVerified' : 'ticket.notRecorded')
                : at && i <= here && <When at={short(at)} />}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

/** On a phone the day stands above the time. */
function When({ at }: { at: string }) {
  const [day, time] = at.split(' ');
  return (
    <>
      <span className="nowrap">{day}</span> <span className="nowrap">{time}</span>
    </>
  );
}
