import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AcknowledgeDialog } from '@/nouns/alarms/AcknowledgeDialog';
import { AlarmLine } from '@/nouns/alarms/AlarmLine';
import { AlarmTabs } from '@/nouns/alarms/AlarmTabs';
import { type Alarm, byUrgency, isUnseen, useAlarmPages } from '@/nouns/alarms/queries';
import { useAsset } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { More } from '@/ui/More';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useIsPhone, useTitle } from '@/ui/screen';
import { SEVERITIES } from '@/ui/severity';
import { AlarmDrawer } from './AlarmDrawer';
import styles from './AlarmsPage.module.css';
import { RoundAlarms } from './RoundAlarms';
import { ShelveDialog } from './ShelveDialog';
import { AVAILABILITIES, STATES, useAlarmFilter } from './useAlarmFilter';

const AlarmTable = lazy(async () => ({ default: (await import('./AlarmTable')).AlarmTable }));

export function AlarmsPage() {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const { filter, alarm, change, open, addressOf } = useAlarmFilter();
  const query = useAlarmPages(filter);
  const [picked, setPicked] = useState<number[]>([]);
  const [asking, setAsking] = useState<'acknowledge' | 'shelve' | null>(null);
  const mayAcknowledge = useMay('engineer');
  useTitle(t('nav.alarms'));
  // What is open is a list of work, worst first; what is over is a history, newest first.
  const isWork = filter.state === 'open' || filter.state === 'unacknowledged';
  const alarms = useMemo(() => {
    const all = query.data?.pages.flatMap((page) => page.items) ?? [];
    return isWork ? all.sort(byUrgency) : all;
  }, [query.data, isWork]);
  const chosen = alarms.filter((known) => picked.includes(known.id));
  const unseen = chosen.filter(isUnseen).map((known) => known.id);
  const done = () => {
    setAsking(null);
    setPicked([]);
  };
  const severities = [
    { value: '', label: t('alarm.allSeverities') },
    ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })),
  ];
  const availabilities = [
    { value: '', label: t('alarm.allAvailabilities') },
    ...AVAILABILITIES.map((value) => ({ value, label: t(`alarm.availability.${value}`) })),
  ];
  const notes = [
    { value: '', label: t('alarm.allNotes') },
    { value: 'stale', label: t('alarm.stale') },
    { value: 'chattering', label: t('alarm.chattering') },
  ];
  return (
    <>
      <PageHead title={t('nav.alarms')} under={t('alarm.explain')} />
      <AlarmTabs />
      <div className={layout.tools}>
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
        <Choice
          label={t('alarm.availabilityLabel')}
          isCompact
          value={filter.availability ?? ''}
          options={availabilities}
          onPick={(availability) => change({ availability })}
        />
        <Choice
          label={t('alarm.notes')}
          isCompact
          value={filter.note ?? ''}
          options={notes}
          onPick={(note) => change({ note })}
        />
        {filter.asset !== undefined && <AssetChip id={filter.asset} onClear={() => change({ asset: '' })} />}
        {mayAcknowledge && !isPhone && (
          <span className={styles.bulk}>
            <Button disabled={!chosen.length} onClick={() => setAsking('shelve')}>
              {t('alarm.shelveCount', { count: chosen.length })}
            </Button>
            <Button look="primary" disabled={!unseen.length} onClick={() => setAsking('acknowledge')}>
              {t('alarm.acknowledgeCount', { count: unseen.length })}
            </Button>
          </span>
        )}
      </div>
      {mayAcknowledge && isWork && filter.asset === undefined && <RoundAlarms />}
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
                  picked={picked}
                  onPick={mayAcknowledge ? setPicked : undefined}
                  onOpen={(known: Alarm) => open(known.id)}
                />
              </Suspense>
            )
          }
        </Loaded>
        <More query={query}>
          ({alarms.length} / {query.data?.pages[0]?.total})
        </More>
      </Panel>
      {asking === 'acknowledge' && (
        <AcknowledgeDialog ids={unseen} onClose={() => setAsking(null)} onDone={done} />
      )}
      {asking === 'shelve' && <ShelveDialog alarms={chosen} onClose={() => setAsking(null)} onDone={done} />}
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
