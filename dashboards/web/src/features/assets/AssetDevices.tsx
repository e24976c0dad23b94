import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useReadings } from '@/live/hooks';
import type { AssetDetail } from '@/nouns/assets/queries';
import { Presence } from '@/nouns/devices/Presence';
import { type AssetDevice, useDevicesOfAsset } from '@/nouns/devices/queries';
import { useMay } from '@/nouns/session/session';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import styles from './AssetPage.module.css';

/** Where the asset's values come from, and whether it is there. */
export function AssetDevices({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const query = useDevicesOfAsset(asset.id);
  return (
    <Panel title={t('device.from')} isFlush>
      <Loaded
        query={query}
        lines={1}
        isEmpty={(devices) => devices.length === 0}
        empty={<Empty title={t('device.fromNowhere')} />}
      >
        {(devices) => (
          <ul>
            {devices.map((device) => (
              <Line key={device.id} asset={asset} device={device} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function Line({ asset, device }: { asset: AssetDetail; device: AssetDevice }) {
  const mayOpen = useMay('engineer');
  const points = asset.points.filter((point) => point.device === device.id).map((point) => point.id);
  const times = useReadings(points).flatMap((reading) => (reading ? [reading.at] : []));
  return (
    <li className={styles.device}>
      <span>
        {mayOpen ? <Link to={`/devices/${encodeURIComponent(device.id)}`}>{device.id}</Link> : device.id}
        {device.name && <span className="quiet"> {device.name}</span>}
      </span>
      <Presence presence={device} heard={Math.max(0, ...times)} />
    </li>
  );
}
