import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { placeOf } from '@/nouns/assets/place';
import { type AssetDetail, useAsset, useProfiles } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { OutageLine } from '@/nouns/windows/OutageLine';
import { useOutages } from '@/nouns/windows/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Loaded, Waiting } from '@/ui/Loaded';
import { Notice } from '@/ui/Notice';
import { PageHead, Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import { useTitle } from '@/ui/screen';
import { AssetAlarms } from './AssetAlarms';
import { AssetDevices } from './AssetDevices';
import styles from './AssetPage.module.css';
import { AssetTickets } from './AssetTickets';
import { PointList } from './PointList';
import { PointAlarmsProvider, usePointAlarmsOf } from './pointAlarms';
import { Schematic } from './schematic/Schematic';

const HistoryPanel = lazy(async () => ({ default: (await import('./history/HistoryPanel')).HistoryPanel }));
const OutageDialog = lazy(async () => ({ default: (await import('./OutageDialog')).OutageDialog }));
const RenameDialog = lazy(async () => ({ default: (await import('./RenameDialog')).RenameDialog }));

export function AssetPage() {
  const id = Number(useParams().id);
  const query = useAsset(id);
  useLiveScope([id]);
  return (
    <Loaded query={query} lines={10}>
      {(asset) => <Page asset={asset} />}
    </Loaded>
  );
}

function Page({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profile = useProfiles().data?.find((known) => known.key === asset.profile);
  const alarms = useAlarmSummary().data?.assets[String(asset.id)];
  const alarmed = usePointAlarmsOf(asset.id);
  const mayRename = useMay('admin');
  const mayTakeOut = useMay('engineer');
  const outage = useOutages().data?.find((one) => one.asset.id === asset.id);
  const [asked, setAsked] = useState<'names' | 'outage' | null>(null);
  useTitle(label(asset.name));
  return (
    <PointAlarmsProvider value={alarmed}>
      <PageHead
        title={label(asset.name)}
        under={[...(profile ? [profile.name] : []), ...placeOf(asset)].map(label).join(' · ')}
        actions={
          <>
            {alarms ? (
              <span className={styles.state}>
                <SeverityMark severity={alarms.worst} size={20} /> {t('alarm.count', { count: alarms.open })}
              </span>
            ) : (
              <span className="quiet">{t('asset.normalLong')}</span>
            )}
            {mayTakeOut && !outage && (
              <Button onClick={() => setAsked('outage')}>{t('outage.takeOut')}</Button>
            )}
            {mayRename && <Button onClick={() => setAsked('names')}>{t('asset.editNames')}</Button>}
          </>
        }
      />
      {outage && (
        <Notice role="status">
          <OutageLine outage={outage} />
        </Notice>
      )}
      <div className={styles.columns}>
        <div className={styles.side}>
          <Panel title={t('asset.now')}>
            <Schematic asset={asset} />
          </Panel>
          <AssetAlarms assetId={asset.id} />
          <AssetTickets asset={asset} />
          <AssetDevices asset={asset} />
        </div>
        <PointList asset={asset} />
      </div>
      <Suspense fallback={<Waiting lines={5} />}>
        <HistoryPanel asset={asset} />
      </Suspense>
      <Suspense>
        {asked === 'names' && <RenameDialog asset={asset} onClose={() => setAsked(null)} />}
        {asked === 'outage' && <OutageDialog asset={asset} onClose={() => setAsked(null)} />}
      </Suspense>
    </PointAlarmsProvider>
  );
}
