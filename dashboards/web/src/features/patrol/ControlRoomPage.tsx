import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useMinute } from '@/live/clock';
import { useSpaces } from '@/nouns/assets/queries';
import {
  type Round,
  useCheckpoints,
  useContests,
  usePlans,
  useRounds,
  useWhere,
} from '@/nouns/patrol/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { ContestList } from './ContestList';
import { Dispatches } from './Dispatches';
import { ExceptionPanel } from './ExceptionList';
import { FireWatches } from './FireWatches';
import { FloorPlanView } from './FloorPlanView';
import { legState, rowsOf } from './marks';
import styles from './Patrol.module.css';
import { PatrolTabs } from './PatrolTabs';
import { RoundDrawer } from './RoundDrawer';
import { RoundTimeline } from './Timeline';

const HOUR_MS = 3_600_000;
const SPANS = { near: [4, 4], day: [12, 12] } as const;

/** Rounds of today as they happen, where people are, and what a supervisor has to look at. */
export function ControlRoomPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  useTitle(t('patrol.title'));
  const mayDecide = useMay('engineer');
  const [wanted, setWanted] = useSearchParams();
  const sites = useSpaces().data?.filter((space) => space.kind === 'site') ?? [];
  const site = Number(wanted.get('site')) || null;
  const span = wanted.get('span') === 'day' ? 'day' : 'near';
  const rows = wanted.get('rows') === 'route' ? 'route' : 'person';
  const set = (name: string, value: string) =>
    setWanted(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const minute = useMinute();
  const [before, after] = SPANS[span];
  const from = minute - before * HOUR_MS;
  const to = minute + after * HOUR_MS;
  const rounds = useRounds(from, to, site);
  const checkpoints = useCheckpointMap();
  const [opened, setOpened] = useState<number | null>(null);
  const shown = rounds.data?.items.find((round) => round.id === opened);
  const nameOf = (round: Round) => {
    if (rows === 'route') return { key: label(round.name), name: label(round.name) };
    return round.person
      ? { key: String(round.person.id), name: round.person.display_name }
      : { key: 'nobody', name: t('patrol.nobody') };
  };
  return (
    <>
      <PageHead title={t('patrol.title')} under={<Figures rounds={rounds.data?.items ?? []} />} />
      <PatrolTabs shown="now" />
      <div className={layout.tools}>
        {sites.length > 1 && (
          <Choice
            label={t('patrol.site')}
            isCompact
            value={String(site ?? '')}
            options={[
              { value: '', label: t('patrol.allSites') },
              ...sites.map((one) => ({ value: String(one.id), label: label(one.name) })),
            ]}
            onPick={(value) => set('site', value)}
          />
        )}
        <Segmented
          label={t('patrol.rows')}
          value={rows}
          options={[
            { value: 'person', label: t('patrol.byPerson') },
            { value: 'route', label: t('patrol.byRoute') },
          ]}
          onPick={(value) => set('rows', value)}
        />
        <Segmented
          label={t('patrol.span')}
          value={span}
          options={[
            { value: 'near', label: t('patrol.nearHours') },
            { value: 'day', label: t('patrol.wholeDay') },
          ]}
          onPick={(value) => set('span', value)}
        />
      </div>
      <Panel title={t('patrol.timeline')}>
        <Loaded
          query={rounds}
          lines={5}
          isEmpty={(data) => data.items.length === 0}
          empty={
            <Empty title={t('patrol.noRounds')}>
              <Link to="/patrol/plan/schedules">{t('patrol.noRoundsHint')}</Link>
            </Empty>
          }
        >
          {(data) => (
            <RoundTimeline
              rows={rowsOf(data.items, nameOf)}
              from={from}
              to={to}
              checkpoints={checkpoints}
              onOpen={(round) => setOpened(round.id)}
            />
          )}
        </Loaded>
      </Panel>
      {mayDecide && <Rest site={site} rounds={rounds.data?.items ?? []} />}
      {shown && <RoundDrawer round={shown} checkpoints={checkpoints} onClose={() => setOpened(null)} />}
    </>
  );
}

function useCheckpointMap() {
  return new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one]));
}

/** What only engineers and administrators see: places of people and decisions about them. */
function Rest({ site, rounds }: { site: number | null; rounds: Round[] }) {
  const { t } = useTranslation();
  const checkpoints = useCheckpointMap();
  const plans = usePlans();
  const where = useWhere(site).data ?? [];
  const open = useContests().data?.items.filter((one) => one.decided_at === null) ?? [];
  return (
    <div className={styles.room}>
      <div className={layout.form}>
        <Loaded query={plans}>
          {(data) => (
            <FloorPlanView plans={data.items} checkpoints={checkpoints} rounds={rounds} where={where} />
          )}
        </Loaded>
        <FireWatches />
      </div>
      <div className={layout.form}>
        <Dispatches />
        <ExceptionPanel site={site} checkpoints={checkpoints} />
        {open.length > 0 && (
          <Panel title={t('patrol.contests')}>
            <ContestList contests={open} checkpoints={checkpoints} />
          </Panel>
        )}
      </div>
    </div>
  );
}

function Figures({ rounds }: { rounds: Round[] }) {
  const { t } = useTranslation();
  const legs = rounds.flatMap((round) => round.legs.map((leg) => legState(leg, round)));
  const figures = [
    { word: t('patrol.summary.under'), value: rounds.filter((round) => round.state === 'started').length },
    { word: t('patrol.summary.overdue'), value: legs.filter((state) => state === 'overdue').length },
    { word: t('patrol.leg.missed'), value: legs.filter((state) => state === 'missed').length },
    { word: t('patrol.summary.open'), value: rounds.reduce((sum, round) => sum + round.exceptions, 0) },
  ];
  return (
    <div className={styles.figures}>
      {figures.map((figure) => (
        <span key={figure.word}>
          <strong>{figure.value}</strong>
          {figure.word}
        </span>
      ))}
    </div>
  );
}
