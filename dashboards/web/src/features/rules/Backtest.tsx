import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '@/live/clock';
import type { Point } from '@/nouns/assets/queries';
import type { RuleChange } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { type Run, type RunWanted, useAskForRun, useNoteSeen, useRuns, type Variant } from './queries';
import type { RuleDetail } from './RulePage';
import styles from './Rules.module.css';

const BacktestChart = lazy(async () => ({ default: (await import('./BacktestChart')).BacktestChart }));

const DAY_MS = 86_400_000;
export const PERIODS = { day: 1, week: 7, month: 30, quarter: 90 } as const;
export type Period = keyof typeof PERIODS;

/** The last days up to now, as a run is asked for. */
export function periodOf(period: Period): Pick<RunWanted, 'from' | 'to'> {
  const now = serverNow();
  return {
    from: new Date(now - PERIODS[period] * DAY_MS).toISOString(),
    to: new Date(now).toISOString(),
  };
}

interface Props {
  rule: RuleDetail;
  asset: number;
  change: RuleChange | null;
  points: Point[];
  /** Somebody has looked at this run, and that is noted. */
  onSeen: (run: number) => void;
}

/** What the rule would have raised, and what it would with the change that stands in the form. */
export function Backtest({ rule, asset, change, points, onSeen }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const mayRun = useMay('engineer');
  const [period, setPeriod] = useState<Period>('month');
  const runs = useRuns(rule.id);
  const ask = useAskForRun(rule.id);
  const { enabled: _on, verify_s: _verify, name: _name, version: _version, ...tried } = change ?? {};
  const run = () =>
    ask.mutate({
      kind: 'backtest',
      asset_id: asset,
      ...periodOf(period),
      ...(Object.keys(tried).length > 0 && { change: tried as RunWanted['change'] }),
    });
  const options = (Object.keys(PERIODS) as Period[]).map((value) => ({
    value,
    label: t(`rules.period.${value}`),
  }));
  return (
    <Panel title={t('rules.backtest')}>
      <div className={styles.stack}>
        <div className={layout.tools}>
          <Segmented label={t('rules.over')} value={period} options={options} onPick={setPeriod} />
          {mayRun && (
            <Button look="primary" onClick={run} isBusy={ask.isPending}>
              {t(Object.keys(tried).length > 0 ? 'rules.runBoth' : 'rules.run')}
            </Button>
          )}
        </div>
        {ask.error && <p role="alert">{text(ask.error)}</p>}
        <Loaded query={runs} lines={3}>
          {(all) => {
            const last = all.find((one) => one.kind === 'backtest' && one.asset_id === asset);
            return last ? (
              <Result key={last.id} run={last} points={points} onSeen={onSeen} />
            ) : (
              <Empty title={t('rules.noRun')}>{t('rules.noRunHint')}</Empty>
            );
          }}
        </Loaded>
      </div>
    </Panel>
  );
}

/** How far it is; what went wrong. */
export function Progress({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  if (run.status === 'failed') return <p role="alert">{run.error && label(run.error)}</p>;
  if (run.status === 'done') return null;
  return (
    <div role="status">
      <progress
        className={styles.progress}
        value={run.progress}
        max={1}
        aria-label={t(`rules.status.${run.status}`)}
      />
      <p className="quiet small">
        {t(`rules.status.${run.status}`)} {Math.round(run.progress * 100)} % · {t('rules.mayLeave')}
      </p>
    </div>
  );
}

function Result({ run, points, onSeen }: { run: Run } & Pick<Props, 'points' | 'onSeen'>) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const maySee = useMay('engineer');
  const { mutate: noteSeen, isSuccess } = useNoteSeen();
  const isDone = run.status === 'done';
  const told = useRef(false);
  useEffect(() => {
    if (!isDone || !maySee || told.current) return;
    told.current = true;
    noteSeen(run.id, { onSuccess: () => onSeen(run.id) });
  }, [isDone, maySee, noteSeen, onSeen, run.id]);
  const variants = run.result?.variants ?? [];
  return (
    <div className={styles.stack}>
      <p className="quiet small">
        {time(run.begin_at)} – {time(run.end_at)} · {t('rules.version', { version: run.rule_version })} ·{' '}
        {run.created_by}
      </p>
      <Progress run={run} />
      {isDone && run.result?.readings === 0 && <p>{t('rules.noReadings')}</p>}
      {isDone && variants.length > 0 && (
        <>
          {variants.map(
            (one) =>
              one.problem && (
                <p key={one.which} role="alert">
                  {t('rules.couldNotJudge', {
                    which: t(`rules.which.${one.which}`),
                    problem: label(one.problem),
                  })}
                </p>
              ),
          )}
          <Compared variants={variants} />
          <Suspense fallback={<Waiting lines={5} />}>
            <BacktestChart run={run} points={points} />
          </Suspense>
          {isSuccess && <p className="quiet small">{t('rules.seenNow')}</p>}
          <WouldAlarms variant={variants[variants.length - 1] as Variant} />
        </>
      )}
    </div>
  );
}

function Compared({ variants }: { variants: Variant[] }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const rows = [
    { name: t('rules.count.alarms'), of: (one: Variant) => one.alarm_count },
    { name: t('rules.count.tickets'), of: (one: Variant) => one.tickets },
    { name: t('rules.count.active'), of: (one: Variant) => duration(one.active_s * 1000) },
    { name: t('rules.count.longest'), of: (one: Variant) => duration(one.longest_s * 1000) },
  ];
  return (
    <table className={styles.sides}>
      <thead>
        <tr>
          <th scope="col">{t('rules.wouldHave')}</th>
          {variants.map((one) => (
            <th key={one.which} scope="col">
              {t(`rules.which.${one.which}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            {variants.map((one) => (
              <td key={one.which}>{row.of(one)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function WouldAlarms({ variant }: { variant: Variant }) {
  const { t } = useTranslation();
  const { label, time, duration } = useFormat();
  if (variant.alarms.length === 0) return <p>{t('rules.wouldNothing')}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by the keyboard.
    <ol className={styles.alarms} tabIndex={0} aria-label={t('rules.count.alarms')}>
      {variant.alarms.map((alarm) => (
        <li key={alarm.start}>
          <div>
            <strong>{time(alarm.start)}</strong>{' '}
            <span className="quiet">
              {alarm.end ? duration(Date.parse(alarm.end) - Date.parse(alarm.start)) : t('rules.stillRaised')}
            </span>
          </div>
          <div>{label(alarm.reason)}</div>
        </li>
      ))}
    </ol>
  );
}
