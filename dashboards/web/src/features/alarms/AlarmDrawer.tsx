import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { AcknowledgeDialog } from '@/nouns/alarms/AcknowledgeDialog';
import { AlarmState } from '@/nouns/alarms/AlarmState';
import { Availability } from '@/nouns/alarms/Availability';
import { FactLine } from '@/nouns/alarms/FactLine';
import { type AlarmDetail, isUnseen, useAlarm } from '@/nouns/alarms/queries';
import { SendSomebody } from '@/nouns/patrol/SendSomebody';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { Loaded } from '@/ui/Loaded';
import { SeverityMark } from '@/ui/SeverityMark';
import { AlarmHistory } from './AlarmHistory';
import styles from './AlarmsPage.module.css';
import { Keeping, QuietBecause } from './Keeping';

export function AlarmDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const query = useAlarm(id);
  const title = query.data
    ? `${label(query.data.asset.name)} · ${label(query.data.rule.name)}`
    : t('nav.alarms');
  return (
    <Dialog title={title} look="drawer" onClose={onClose}>
      <Loaded query={query} lines={6}>
        {(alarm) => <Body alarm={alarm} />}
      </Loaded>
    </Dialog>
  );
}

function Body({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const mayAcknowledge = useMay('engineer');
  return (
    <>
      <div className={styles.actions}>
        <SeverityMark severity={alarm.severity} isHollow={!isUnseen(alarm)} size={20} />
        <AlarmState alarm={alarm} />
        <Availability alarm={alarm} />
      </div>
      <QuietBecause alarm={alarm} />
      <ul className={styles.facts}>
        {alarm.facts.map((fact) => (
          <li key={fact.point_id}>
            <FactLine fact={fact} />
          </li>
        ))}
      </ul>
      <div className={styles.actions}>
        {isUnseen(alarm) && mayAcknowledge && (
          <Button look="primary" onClick={() => setAsking(true)}>
            {t('alarm.acknowledge')}
          </Button>
        )}
        {mayAcknowledge && <Keeping alarm={alarm} />}
        {mayAcknowledge && alarm.returned_at === null && (
          <SendSomebody alarm={alarm.id} name={alarm.rule.name} />
        )}
        {alarm.incident_id !== null && (
          <Link to={`/incidents/${alarm.incident_id}`}>
            <Button tabIndex={-1}>{t('alarm.toIncident')}</Button>
          </Link>
        )}
        {alarm.ticket_id !== null && (
          <Link to={`/tickets/${alarm.ticket_id}`}>
            <Button tabIndex={-1}>{t('alarm.toTicket')}</Button>
          </Link>
        )}
        <Link to={`/assets/${alarm.asset.id}`}>
          <Button tabIndex={-1}>{t('alarm.toAsset')}</Button>
        </Link>
      </div>
      {isUnseen(alarm) && !mayAcknowledge && <p className="quiet">{t('alarm.engineerOnly')}</p>}
      <Times alarm={alarm} />
      <AlarmHistory events={alarm.events} />
      {isAsking && (
        <AcknowledgeDialog
          ids={[alarm.id]}
          onClose={() => setAsking(false)}
          onDone={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Times({ alarm }: { alarm: AlarmDetail }) {
  const { t } = useTranslation();
  const { time, duration } = useFormat();
  const now = useNow();
  const ago = (at: string) => `${time(at)} (${t('value.age', { age: duration(now - Date.parse(at)) })})`;
  return (
    <dl className={styles.list}>
      <dt>{t('alarm.since')}</dt>
      <dd>{time(alarm.since)}</dd>
      <dt>{t('alarm.raisedAt')}</dt>
      <dd>{ago(alarm.raised_at)}</dd>
      <dt>{t('alarm.returnedAt')}</dt>
      <dd>{alarm.returned_at ? ago(alarm.returned_at) : t('alarm.notReturned')}</dd>
      <dt>{t('alarm.seenBy')}</dt>
      <dd>
        {alarm.acknowledged_at
          ? `${alarm.acknowledged_by ?? ''} · ${time(alarm.acknowledged_at)}`
          : t('alarm.nobody')}
      </dd>
      <dt>{t('alarm.times')}</dt>
      <dd>{alarm.occurrences}</dd>
    </dl>
  );
}
