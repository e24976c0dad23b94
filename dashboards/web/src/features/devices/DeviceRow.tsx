import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { useReadings } from '@/live/hooks';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import styles from './Devices.module.css';
import type { Act } from './DevicesPage';
import type { Device } from './queries';

interface Props {
  device: Device;
  mayAct: boolean;
  onAct: (act: Act) => void;
}

export function DeviceRow({ device, mayAct, onAct }: Props) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const { identity } = device;
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <strong>{device.id}</strong>
        {device.name && <div>{device.name}</div>}
        <div className="quiet small">
          {t('onboarding.pointCount', { count: device.points.length })} · <LastHeard device={device} />
        </div>
      </div>
      <div className={styles.assets}>
        {device.assets.map((asset) => (
          <Link key={asset.id} to={`/assets/${asset.id}`}>
            {label(asset.name)}
          </Link>
        ))}
      </div>
      <div className={styles.identity}>
        {identity ? t('onboarding.ownLogin') : <span className="quiet">{t('onboarding.sharedLogin')}</span>}
        {identity && (
          <div className="quiet small">
            {t('onboarding.issued', { time: time(identity.issued_at), name: identity.issued_by })}
          </div>
        )}
      </div>
      {mayAct && (
        <div className={styles.actions}>
          <Button onClick={() => onAct('credential')}>
            {t(identity ? 'onboarding.reissue' : 'onboarding.issue')}
          </Button>
          {identity && <Button onClick={() => onAct('withdraw')}>{t('onboarding.withdraw')}</Button>}
          {device.points.length > 0 && (
            <>
              <Button onClick={() => onAct('replace')}>{t('onboarding.replace')}</Button>
              <Button onClick={() => onAct('name')}>{t('onboarding.rename')}</Button>
            </>
          )}
        </div>
      )}
    </li>
  );
}

/** How long ago any of its points had a value. */
function LastHeard({ device }: { device: Device }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const now = useNow();
  const times = useReadings(device.points).flatMap((reading) => (reading ? [reading.at] : []));
  if (times.length === 0) return <>{t('onboarding.notHeard')}</>;
  return <>{t('onboarding.heard', { age: duration(now - Math.max(...times)) })}</>;
}
