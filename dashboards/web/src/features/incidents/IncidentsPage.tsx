import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { AlarmTabs } from '@/nouns/alarms/AlarmTabs';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { SeverityMark } from '@/ui/SeverityMark';
import { useTitle } from '@/ui/screen';
import { DeclareDialog } from './DeclareDialog';
import styles from './Incidents.module.css';
import { type Incident, type IncidentStates, useIncidents } from './queries';

const STATES: IncidentStates[] = ['open', 'ended', 'all'];

export function IncidentsPage() {
  const { t } = useTranslation();
  const [state, setState] = useState<IncidentStates>('open');
  const [isAsking, setAsking] = useState(false);
  const mayDeclare = useMay('guard');
  const query = useIncidents(state);
  useTitle(t('incident.title'));
  return (
    <>
      <PageHead
        title={t('incident.title')}
        under={t('incident.explain')}
        actions={mayDeclare && <Button onClick={() => setAsking(true)}>{t('incident.declare')}</Button>}
      />
      <AlarmTabs />
      <div>
        <Segmented
          label={t('incident.which')}
          value={state}
          options={STATES.map((value) => ({ value, label: t(`incident.states.${value}`) }))}
          onPick={setState}
        />
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          isEmpty={(page) => page.items.length === 0}
          empty={<Empty title={t('incident.none')}>{t('incident.noneHint')}</Empty>}
        >
          {(page) => page.items.map((one) => <Line key={one.id} incident={one} />)}
        </Loaded>
      </Panel>
      {isAsking && <DeclareDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function Line({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const now = useNow();
  const ended = incident.ended_at ? Date.parse(incident.ended_at) : now;
  const isOpen = incident.status === 'open';
  return (
    <Link to={`/incidents/${incident.id}`} className={styles.line}>
      <SeverityMark severity={incident.severity} isHollow={!isOpen} />
      <span>
        <span className={styles.title}>{label(incident.title)}</span>
        <br />
        <span className="quiet">
          {t(`incident.kind.${incident.kind}`)} · {t(`incident.status.${statusOf(incident)}`)} ·{' '}
          {duration(ended - Date.parse(incident.began_at))}
          {incident.ticket && ` · ${incident.ticket.number}`}
        </span>
      </span>
      {incident.kind !== 'declared' && (
        <span className={styles.count}>
          {incident.present} / {incident.alarms}
          <br />
          <span className="quiet small">{t('incident.present')}</span>
        </span>
      )}
    </Link>
  );
}

export function statusOf(incident: Pick<Incident, 'status' | 'recovered_at'>) {
  return incident.status === 'open' && incident.recovered_at ? 'recovering' : incident.status;
}
