import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { AcknowledgeDialog } from '@/nouns/alarms/AcknowledgeDialog';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { useAlarms } from '@/nouns/alarms/queries';
import { BY_ITSELF } from '@/nouns/people/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import { useTitle } from '@/ui/screen';
import { Timeline } from '@/ui/Timeline';
import { IncidentPicture } from './IncidentPicture';
import styles from './Incidents.module.css';
import { statusOf } from './IncidentsPage';
import { type IncidentDetail, useIncident } from './queries';
import { Remark } from './Remark';

const MOST_LISTED = 100;
const AT_ONCE = 1000;

export function IncidentPage() {
  const id = Number(useParams().id);
  return <Loaded query={useIncident(id)}>{(incident) => <Body incident={incident} />}</Loaded>;
}

function Body({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  useTitle(label(incident.title));
  const shown = incident.members.slice(0, MOST_LISTED);
  return (
    <>
      <PageHead
        title={label(incident.title)}
        under={
          <>
            <SeverityMark severity={incident.severity} isHollow={incident.status !== 'open'} />{' '}
            {t(`incident.status.${statusOf(incident)}`)} ·{' '}
            {t('incident.since', { time: time(incident.began_at) })}
          </>
        }
        actions={
          incident.ticket && (
            <Link to={`/tickets/${incident.ticket.id}`}>
              <Button look="primary" tabIndex={-1}>
                {t('incident.ticket', { number: incident.ticket.number })}
              </Button>
            </Link>
          )
        }
      />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Why incident={incident} />
          {incident.kind !== 'declared' && incident.nodes.length > 0 && (
            <Panel title={t('incident.picture')}>
              <IncidentPicture nodes={incident.nodes} />
            </Panel>
          )}
          {shown.length > 0 && (
            <Panel
              title={t('incident.members', { present: incident.present, count: incident.alarms })}
              actions={<AcknowledgeAll incident={incident} />}
              isFlush
            >
              {shown.map(({ alarm }) => (
                <AlarmLine key={alarm.id} alarm={alarm} to={`/alarms?state=all&alarm=${alarm.id}`} />
              ))}
            </Panel>
          )}
        </div>
        <div className={styles.stack}>
          <History incident={incident} />
          <Remark incident={incident} />
        </div>
      </div>
    </>
  );
}

/** All of it that nobody has seen yet, with one word for all; as many as fit into one question. */
function AcknowledgeAll({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const may = useMay('engineer');
  const [asked, setAsked] = useState<number[] | null>(null);
  const unseen = useAlarms({ state: 'unacknowledged', incident: incident.id, limit: AT_ONCE }).data?.items;
  if (!may || !unseen?.length) return null;
  const ids = unseen.map((alarm) => alarm.id);
  const close = () => setAsked(null);
  return (
    <>
      <Button onClick={() => setAsked(ids)}>{t('incident.acknowledgeAll', { count: ids.length })}</Button>
      {asked && <AcknowledgeDialog ids={asked} onClose={close} onDone={close} />}
    </>
  );
}

function Why({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  if (incident.merged_into_id !== null)
    return (
      <Panel>
        <Link to={`/incidents/${incident.merged_into_id}`}>{t('incident.mergedInto')}</Link>
      </Panel>
    );
  if (incident.kind === 'declared')
    return (
      <Panel title={t('incident.declaredBy', { name: incident.declared_by })}>
        <div className={styles.cause}>
          <p>{incident.description ?? t('incident.nothingSaid')}</p>
          {incident.cause_asset && (
            <p>
              {t('incident.about')}
              {': '}
              <Link to={`/assets/${incident.cause_asset.id}`}>{label(incident.cause_asset.name)}</Link>
            </p>
          )}
          {!incident.ticket && <p className="quiet">{t('incident.noTicket')}</p>}
        </div>
      </Panel>
    );
  return (
    <Panel title={t('incident.cause')}>
      <div className={styles.cause}>
        <h3>
          {incident.cause && label(incident.cause)}
          {incident.cause_asset && (
            <>
              {' · '}
              <Link to={`/assets/${incident.cause_asset.id}`}>{label(incident.cause_asset.name)}</Link>
            </>
          )}
        </h3>
        {incident.why && <p>{label(incident.why)}</p>}
        {incident.recovered_at && incident.status === 'open' && <p>{t('incident.recoveringMeans')}</p>}
      </div>
    </Panel>
  );
}

function History({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const events = withoutRepeats([...incident.events].reverse());
  const entries = events.map(({ event, times }) => ({
    key: String(event.id),
    title: `${t(`incident.event.${event.kind}`, { defaultValue: event.kind })}${times > 1 ? ` × ${times}` : ''}`,
    at: time(event.at),
    by: event.actor === BY_ITSELF ? t('ticket.byItself') : event.actor,
    text: event.comment,
  }));
  return (
    <Panel title={t('ticket.history')}>
      <Timeline entries={entries} />
    </Panel>
  );
}

type IncidentEvent = IncidentDetail['events'][number];

/** A storm takes over dozens of smaller incidents: the same thing again and again is one line. */
function withoutRepeats(events: IncidentEvent[]) {
  const found: { event: IncidentEvent; times: number }[] = [];
  for (const event of events) {
    const last = found.at(-1);
    if (last && last.event.kind === event.kind && !event.comment) last.times += 1;
    else found.push({ event, times: 1 });
  }
  return found;
}
