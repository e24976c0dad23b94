import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useReadings } from '@/live/hooks';
import { Presence } from '@/nouns/devices/Presence';
import { useFormat } from '@/text/format';
import { DeviceActions } from './DeviceActions';
import styles from './Devices.module.css';
import type { Device } from './queries';

export function DeviceRow({ device, mayAct }: { device: Device; mayAct: boolean }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <Link to={`/devices/${encodeURIComponent(device.id)}`}>
          <strong>{device.id}</strong>
        </Link>
        {device.name && <div>{device.name}</div>}
        <div className="quiet small">{t('onboarding.pointCount', { count: device.points.length })}</div>
      </div>
      <div className={styles.who}>
        <LivePresence device={device} />
      </div>
      <div className={styles.assets}>
        {device.assets.map((asset) => (
          <Link key={asset.id} to={`/assets/${asset.id}`}>
            {label(asset.name)}
          </Link>
        ))}
      </div>
      <div className={styles.identity}>
        <Identity device={device} />
      </div>
      {mayAct && <DeviceActions device={device} />}
    </li>
  );
}

/** Its own user at the broker, since when and from whom. */
export function Identity({ device: { identity } }: { device: Device }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  if (!identity) return <span className="quiet">{t('onboarding.sharedLogin')}</span>;
  return (
    <>
      {t('onboarding.ownLogin')}
      <div className="quiet small">
        {t('onboarding.issued', { time: time(identity.issued_at), name: identity.issued_by })}
      </div>
    </>
  );
}

/** What the server says of it, with what has been heard since. */
export function LivePresence({ device }: { device: Device }) {
  const times = useReadings(device.points).flatMap((reading) => (reading ? [reading.at] : []));
  return <Presence presence={device.presence} heard={Math.max(0, ...times)} />;
}
