import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { number, useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import styles from './AdminPage.module.css';
import { type Gateway, useGateways } from './queries';

const COUNTS = [
  'messages',
  'readings',
  'duplicates',
  'dead_letters',
  'backfilled',
  'suspect',
  'in_flight',
] as const;
/** Health is published every 5 s; after three misses the counters are old. */
const SILENT_MS = 15_000;

export function Gateways() {
  const { t } = useTranslation();
  return (
    <Loaded
      query={useGateways()}
      isEmpty={(data) => data.items.length === 0}
      empty={<Empty title={t('admin.noGateways')}>{t('admin.noGatewaysHint')}</Empty>}
    >
      {(data) => (
        <div className={layout.cards}>
          {data.items.map((gateway) => (
            <GatewayCard key={gateway.name} gateway={gateway} />
          ))}
        </div>
      )}
    </Loaded>
  );
}

function GatewayCard({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation();
  const { time, duration } = useFormat();
  const now = useNow();
  const silence = now - Date.parse(gateway.at);
  const isUp = gateway.online && silence < SILENT_MS;
  return (
    <Panel
      title={gateway.name}
      actions={<strong>{isUp ? t('admin.online') : t('admin.offline', { age: duration(silence) })}</strong>}
    >
      <dl className={styles.counts}>
        {COUNTS.map((count) => (
          <div key={count}>
            <dt>{t(`admin.count.${count}`)}</dt>
            <dd>{number(gateway[count], 0)}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet small">{t('admin.countedSince', { time: time(gateway.started_at) })}</p>
      <p className="quiet small">
        {gateway.last_message_at
          ? t('admin.lastMessage', { age: duration(now - Date.parse(gateway.last_message_at)) })
          : t('admin.noMessage')}
      </p>
      {gateway.spooled_readings > 0 && (
        <p className={styles.trouble}>
          {t(gateway.spool_full ? 'admin.spoolFull' : 'admin.spooled', {
            count: gateway.spooled_readings,
            share: Math.round((100 * gateway.spool_bytes) / Math.max(1, gateway.spool_limit_bytes)),
            since: gateway.spool_oldest_at ? time(gateway.spool_oldest_at) : '',
          })}
        </p>
      )}
      {gateway.broker_waiting !== null && (
        <p className="quiet small">
          {t('admin.brokerWaiting', { shown: number(gateway.broker_waiting, 0) })}
        </p>
      )}
      {!!gateway.broker_dropped && (
        <p className={styles.trouble}>
          {t('admin.brokerDropped', { shown: number(gateway.broker_dropped, 0) })}
        </p>
      )}
      {!gateway.store_ok && (
        <p className={styles.trouble}>
          {t('admin.storeAway')} {gateway.store_error}
        </p>
      )}
    </Panel>
  );
}
