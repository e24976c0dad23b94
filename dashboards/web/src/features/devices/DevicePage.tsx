import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { type AssetDetail, assetQuery } from '@/nouns/assets/queries';
import { Value } from '@/nouns/points/Value';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { DeviceActions } from './DeviceActions';
import { Identity, LivePresence } from './DeviceRow';
import styles from './Devices.module.css';
import { type Device, useDevice } from './queries';

/** One device: how it is, what it sends as what of which equipment, and its log-in. */
export function DevicePage() {
  const id = useParams().id ?? '';
  const query = useDevice(id);
  return (
    <Loaded query={query} lines={8}>
      {(device) => <Page device={device} />}
    </Loaded>
  );
}

function Page({ device }: { device: Device }) {
  const { t } = useTranslation();
  const mayAct = useMay('admin');
  useLiveScope(device.assets.map((asset) => asset.id));
  useTitle(device.id);
  const { state } = device.presence;
  return (
    <>
      <PageHead
        title={device.id}
        under={device.name ?? t('device.noName')}
        actions={<Link to="/devices">{t('device.allDevices')}</Link>}
      />
      <Panel title={t('device.now')}>
        <div className={layout.form}>
          <LivePresence device={device} />
          {state !== 'online' && <p>{t(`device.means.${state}`)}</p>}
        </div>
      </Panel>
      <Panel title={t('device.sends')} isFlush>
        {device.points.length > 0 ? (
          <Points device={device} />
        ) : (
          <Empty title={t('device.sendsNothing')}>
            <Link to="/inbox">{t('onboarding.inbox')}</Link>
          </Empty>
        )}
      </Panel>
      <Panel title={t('device.login')}>
        <div className={layout.form}>
          <div>
            <Identity device={device} />
          </div>
          {mayAct && <DeviceActions device={device} />}
        </div>
      </Panel>
    </>
  );
}

function Points({ device }: { device: Device }) {
  const { label } = useFormat();
  const found = useQueries({ queries: device.assets.map((asset) => assetQuery(asset.id)) });
  const assets = found.flatMap(({ data }): AssetDetail[] => (data ? [data] : []));
  return assets.map((asset) => (
    <section key={asset.id}>
      <h3 className={styles.group}>
        <Link to={`/assets/${asset.id}`}>{label(asset.name)}</Link>
      </h3>
      <ul>
        {asset.points
          .filter((point) => point.device === device.id)
          .map((point) => (
            <li key={point.id} className={styles.point}>
              <code className={styles.source}>{point.source}</code>
              <span>{label(point.name)}</span>
              <Value point={point} hasAge />
            </li>
          ))}
      </ul>
    </section>
  ));
}
