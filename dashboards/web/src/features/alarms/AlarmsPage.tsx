import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { type Alarm, byUrgency, isUnseen, useAlarmPages } from '@/nouns/alarms/queries';
import { useAsset } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useIsPhone, useTitle } from '@/ui/screen';
import { SEVERITIES } from '@/ui/severity';
import { AcknowledgeDialog } from './AcknowledgeDialog';
import { AlarmDrawer } from './AlarmDrawer';
import styles from './AlarmsPage.module.css';
import { STATES, useAlarmFilter } from './useAlarmFilter';

const AlarmTable = lazy(async () => ({ default: (await import('./AlarmTable')).AlarmTable }));

export function AlarmsPage() {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const { filter, alarm, change, open, addressOf } = useAlarmFilter();
  const query = useAlarmPages(filter);
  const [picked, setPicked] = useState<number[]>([]);
  const [isAsking, setAsking] = useState(false);
  const mayAcknowledge = useMay('engineer');
  useTitle(t('nav.alarms'));
  const alarms = useMemo(() => {
    const all = query.data?.pages.flatMap((page) => page.items) ?? [];
    // What is open is a list of work, worst first; what is over is a history, newest first.
    return filter.state === 'open' || filter.state === 'unacknowledged' ? all.sort(byUrgency) : all;
  }, [query.data, filter.state]);
  const unseen = picked.filter((id) => alarms.some((known) => known.id === id && isUnseen(known)));
  const severities = [
    { value: '', label: t('alarm.allSeverities') },
    ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })),
  ];
  return (
    <>
      <PageHead title={t('nav.alarms')} under={t('alarm.explain')} />
      <div className={styles.filters}>
        <Segmented
          label={t('alarm.which')}
          value={filter.state}
          options={STATES.map((value) => ({ value, label: t(`alarm.states.${value}`) }))}
          onPick={(state) => change({ state })}
        />
        <Choice
          label={t('alarm.severity')}
          isCompact
          value={filter.severity ?? ''}
          options={severities}
          onPick={(severity) => change({ severity })}
        />
        {filter.asset !== undefined && <AssetChip id={filter.asset} onClear={() => change({ asset: '' })} />}
        {mayAcknowledge && !isPhone && (
          <span className={styles.bulk}>
            <Button look="primary" disabled={!unseen.length} onClick={() => setAsking(true)}>
              {t('alarm.acknowledgeCount', { count: unseen.length })}
            </Button>
          </span>
        )}
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={() => alarms.length === 0}
          empty={<Empty title={t('alarm.none')}>{t('alarm.noneHint')}</Empty>}
        >
          {() =>
            isPhone ? (
              alarms.map((known) => <AlarmLine key={known.id} alarm={known} to={addressOf(known.id)} />)
            ) : (
              <Suspense fallback={<Waiting lines={8} />}>
                <AlarmTable
                  alarms={alarms}
                  picked={unseen}
                  onPick={mayAcknowledge ? setPicked : undefined}
                  onOpen={(known: Alarm) => open(known.id)}
                />
              </Suspense>
            )
          }
        </Loaded>
        {query.hasNextPage && (
          <div className={styles.more}>
            <Button onClick={() => query.fetchNextPage()} isBusy={query.isFetchingNextPage}>
              {t('action.more')} ({alarms.length} / {query.data?.pages[0]?.total})
            </Button>
          </div>
        )}
      </Panel>
      {isAsking && (
        <AcknowledgeDialog
          ids={unseen}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            setPicked([]);
          }}
        />
      )}
      {alarm !== null && <AlarmDrawer id={alarm} onClose={() => open(null)} />}
    </>
  );
}

function AssetChip({ id, onClear }: { id: number; onClear: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const asset = useAsset(id).data;
  return (
    <span className={styles.chip}>
      <Link to={`/assets/${id}`}>{asset ? label(asset.name) : `#${id}`}</Link>
      <Button look="quiet" onClick={onClear}>
        {t('alarm.allAssets')}
      </Button>
    </span>
  );
}
