import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, ask } from '@/api/client';
import { type Alarm, useAlarms } from '@/nouns/alarms/queries';
import { type Dispatch, DispatchText, SendSomebody } from '@/nouns/patrol/SendSomebody';
import { useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './Patrol.module.css';

const SHOWN = 5;
const LOOK_AGAIN_MS = 30_000;

/** Open alarms that may need somebody there, and whom alarms have sent. */
export function Dispatches() {
  const { t } = useTranslation();
  const sent = useQuery({
    queryKey: ['patrol', 'dispatches'],
    queryFn: () => ask(api.GET('/api/v1/patrol/dispatches')),
    refetchInterval: LOOK_AGAIN_MS,
  });
  const critical = useAlarms({ state: 'open', severity: 'critical', limit: SHOWN });
  const high = useAlarms({ state: 'open', severity: 'high', limit: SHOWN });
  const open = [...(critical.data?.items ?? []), ...(high.data?.items ?? [])];
  return (
    <Panel title={t('sending.panel')}>
      <Loaded query={sent}>
        {({ items }) => {
          const seenTo = new Set(items.map((one) => one.alarm_id));
          const waiting = open.filter((one) => !seenTo.has(one.id) && one.returned_at === null);
          if (waiting.length + items.length === 0)
            return <Empty title={t('sending.none')}>{t('sending.noneHint')}</Empty>;
          return (
            <ul className={styles.lines}>
              {waiting.slice(0, SHOWN).map((alarm) => (
                <Waiting key={alarm.id} alarm={alarm} />
              ))}
              {items.slice(0, SHOWN).map((one) => (
                <Sent key={one.alarm_id} dispatch={one} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Waiting({ alarm }: { alarm: Alarm }) {
  const { label, clock } = useFormat();
  return (
    <li>
      <div className={styles.candidate}>
        <span>
          <SeverityMark severity={alarm.severity} /> <strong>{label(alarm.asset.name)}</strong>{' '}
          {label(alarm.rule.name)} <span className="quiet small">{clock(alarm.raised_at)}</span>
        </span>
        <SendSomebody alarm={alarm.id} name={alarm.rule.name} />
      </div>
    </li>
  );
}

function Sent({ dispatch }: { dispatch: Dispatch }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <li>
      <div className={styles.across}>
        <span>
          <strong>{label(dispatch.asset_name)}</strong> {label(dispatch.text)}
        </span>
        {dispatch.round_id !== null && (
          <Link to={`/patrol/rounds/${dispatch.round_id}`}>{t('patrol.openRound')}</Link>
        )}
      </div>
      <DispatchText dispatch={dispatch} />
    </li>
  );
}
