import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useMinute } from '@/live/clock';
import { useSpaces } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { Figures } from './Figures';
import { HeatMap } from './HeatMap';
import { isMonth, monthOf, monthsOn, monthsUpTo, spanOf } from './months';
import { type Group, useRates } from './queries';
import styles from './Reports.module.css';

const Bars = lazy(async () => ({ default: (await import('./Bars')).Bars }));
const Trend = lazy(async () => ({ default: (await import('./Trend')).Trend }));

const TREND_MONTHS = 12;
const PICKED_MONTHS = 24;

interface Shown {
  site: number;
  zone: string;
  month: string;
}

/** How well rounds are walked, month by month. Month and site stand in the address. */
export function ReportsPage() {
  const { t } = useTranslation();
  const [wanted] = useSearchParams();
  const zoneHere = useFormat().zone;
  const now = useMinute();
  const spaces = useSpaces();
  useTitle(t('reports.title'));
  const sites = (spaces.data ?? []).filter((space) => space.kind === 'site');
  const site = sites.find((one) => String(one.id) === wanted.get('site')) ?? sites[0];
  const zone = site?.time_zone ?? zoneHere;
  const asked = wanted.get('month');
  const month = isMonth(asked) ? asked : monthOf(now, zone);
  return (
    <>
      <PageHead
        title={t('reports.title')}
        under={t('reports.explain')}
        actions={<Downloads month={month} site={site?.id ?? null} />}
      />
      <Loaded
        query={spaces}
        isEmpty={() => !site}
        empty={<Empty title={t('reports.noSite')}>{t('reports.noSiteHint')}</Empty>}
      >
        {() =>
          site && (
            <>
              <Filters sites={sites} site={site.id} month={month} thisMonth={monthOf(now, zone)} />
              <Report site={site.id} zone={zone} month={month} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function Downloads({ month, site }: { month: string; site: number | null }) {
  const { t } = useTranslation();
  const { language } = useFormat();
  const maySeeAll = useMay('engineer');
  const isRecorded = useMay('guard');
  return (
    <div className={styles.downloads}>
      {maySeeAll && site !== null && (
        <a
          href={`/api/v1/reports/patrol/month.xlsx?site=${site}&month=${month}&language=${language}`}
          download
        >
          {t('reports.download', { month })}
        </a>
      )}
      {isRecorded && (
        <a href={`/api/v1/reports/mine.xlsx?language=${language}`} download>
          {t('reports.mine')}
        </a>
      )}
    </div>
  );
}

interface FiltersProps {
  sites: NonNullable<ReturnType<typeof useSpaces>['data']>;
  site: number;
  month: string;
  thisMonth: string;
}

function Filters({ sites, site, month, thisMonth }: FiltersProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [, setWanted] = useSearchParams();
  const set = (name: string, value: string) =>
    setWanted(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const recent = monthsUpTo(thisMonth, PICKED_MONTHS).reverse();
  const months = recent.includes(month) ? recent : [month, ...recent];
  return (
    <div className={styles.filters}>
      <Choice
        label={t('reports.month')}
        isCompact
        value={month}
        options={months.map((value) => ({ value, label: value }))}
        onPick={(value) => set('month', value)}
      />
      {sites.length > 1 && (
        <Choice
          label={t('reports.site')}
          isCompact
          value={String(site)}
          options={sites.map((one) => ({ value: String(one.id), label: label(one.name) }))}
          onPick={(value) => set('site', value)}
        />
      )}
    </div>
  );
}

function Report({ site, zone, month }: Shown) {
  const { t } = useTranslation();
  const maySeeAll = useMay('engineer');
  const isGuard = useMay('guard') && !maySeeAll;
  const year = useRates('month', site, spanOf(monthsOn(month, 1 - TREND_MONTHS), month, zone));
  return (
    <Loaded query={year} lines={8}>
      {({ groups }) => (
        <>
          {isGuard && <p className="quiet">{t('reports.ownOnly')}</p>}
          <Month site={site} zone={zone} month={month} groups={groups} />
          {groups.length > 0 && (
            <Panel title={t('reports.trend')}>
              <Suspense fallback={<Waiting lines={6} />}>
                <Trend months={monthsUpTo(month, TREND_MONTHS)} groups={groups} />
              </Suspense>
            </Panel>
          )}
        </>
      )}
    </Loaded>
  );
}

function Month({ groups, ...shown }: Shown & { groups: Group[] }) {
  const before = monthsOn(shown.month, -1);
  const ratesOf = (key: string) => groups.find((group) => group.key === key)?.rates ?? null;
  const rates = ratesOf(shown.month);
  if (!rates) return <NoRounds month={shown.month} latest={groups.at(-1)?.key ?? null} />;
  return (
    <>
      <Figures rates={rates} before={{ month: before, rates: ratesOf(before) }} />
      <Pictures {...shown} />
    </>
  );
}

function Pictures({ site, zone, month }: Shown) {
  const { t } = useTranslation();
  const maySeePeople = useMay('guard');
  const maySeeAll = useMay('engineer');
  const span = spanOf(month, month, zone);
  const routes = useRates('route', site, span);
  const people = useRates('person', site, span, { isWanted: maySeePeople });
  return (
    <>
      <div className={layout.columns}>
        <Panel title={t('reports.byRoute')}>
          <Loaded query={routes}>
            {(found) => (
              <Suspense fallback={<Waiting lines={6} />}>
                <Bars groups={found.groups} />
              </Suspense>
            )}
          </Loaded>
        </Panel>
        {maySeePeople && (
          <Panel title={t(maySeeAll ? 'reports.byPerson' : 'reports.me')}>
            <Loaded query={people}>
              {(found) => (
                <Suspense fallback={<Waiting lines={6} />}>
                  <Bars groups={found.groups} />
                </Suspense>
              )}
            </Loaded>
          </Panel>
        )}
      </div>
      {maySeePeople && <HeatMap site={site} span={span} />}
    </>
  );
}

/** `latest`: the last of the twelve months in which there were any. */
function NoRounds({ month, latest }: { month: string; latest: string | null }) {
  const { t } = useTranslation();
  const mayPlan = useMay('engineer');
  const [wanted] = useSearchParams();
  const address = new URLSearchParams(wanted);
  if (latest) address.set('month', latest);
  return (
    <Panel>
      <Empty title={t('reports.empty', { month })}>
        <p>{t('reports.emptyHint')}</p>
        <p className={styles.ways}>
          {latest && <Link to={`?${address}`}>{t('reports.showLatest', { month: latest })}</Link>}
          {mayPlan && <Link to="/patrol/plan/schedules">{t('reports.plan')}</Link>}
        </p>
      </Empty>
    </Panel>
  );
}
