import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAssets } from '@/nouns/assets/queries';
import type { Rule } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Segmented } from '@/ui/Segmented';
import { PERIODS, type Period, periodOf } from './Backtest';
import { isUnderWay, type Run, type Started, useAskForSet, useRunsOf } from './queries';
import styles from './Rules.module.css';

/** The server keeps no more of them waiting. */
export const MOST_TOGETHER = 20;

interface Props {
  /** All of one type. */
  rules: Rule[];
  onClose: () => void;
}

/** Several rules over the same history of one asset: what they would have raised, and how many tickets in all. */
export function SetBacktest({ rules, onClose }: Props) {
  const { t } = useTranslation();
  const query = useAssets({ profile: rules[0]?.profile ?? '', limit: 200, offset: 0 });
  return (
    <Dialog title={t('rules.set.open')} look="drawer" onClose={onClose}>
      <Loaded query={query} lines={4}>
        {({ items }) => {
          const fits = items.filter((asset) =>
            rules.every((rule) => rule.asset_id === null || rule.asset_id === asset.id),
          );
          if (fits.length === 0) return <Empty title={t('rules.set.noAsset')} />;
          return <Trial rules={rules} assets={fits} />;
        }}
      </Loaded>
    </Dialog>
  );
}

type Named = { id: number; name: Rule['name'] };

function Trial({ rules, assets }: { rules: Rule[]; assets: Named[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [asset, setAsset] = useState(assets[0]?.id ?? 0);
  const [period, setPeriod] = useState<Period>('month');
  const start = useAskForSet();
  const run = () =>
    start.mutate({
      rules: rules.map((rule) => rule.id),
      body: { kind: 'backtest', asset_id: asset, ...periodOf(period) },
    });
  return (
    <div className={styles.stack}>
      <Choice
        label={t('rules.asset')}
        value={String(asset)}
        options={assets.map((one) => ({ value: String(one.id), label: label(one.name) }))}
        onPick={(value) => setAsset(Number(value))}
      />
      <div className={layout.tools}>
        <Segmented
          label={t('rules.over')}
          value={period}
          options={(Object.keys(PERIODS) as Period[]).map((value) => ({
            value,
            label: t(`rules.period.${value}`),
          }))}
          onPick={setPeriod}
        />
        <Button look="primary" onClick={run} isBusy={start.isPending}>
          {t('rules.set.run')}
        </Button>
      </div>
      {start.data && <Outcome rules={rules} started={start.data} />}
    </div>
  );
}

function Outcome({ rules, started }: { rules: Rule[]; started: Started[] }) {
  const { t } = useTranslation();
  const runs = useRunsOf(started.flatMap((one) => one.run ?? []));
  const of = (one: Started) => (one.run === undefined ? undefined : runs.get(one.run));
  const asked = started.filter((one) => one.run !== undefined);
  const isOver = asked.every((one) => {
    const run = of(one);
    return run !== undefined && !isUnderWay(run);
  });
  const share = asked.reduce((sum, one) => sum + (of(one)?.progress ?? 0), 0) / (asked.length || 1);
  const failed = started.filter((one) => one.error || of(one)?.status === 'failed').length;
  return (
    <>
      {!isOver && (
        <div role="status">
          <progress
            className={styles.progress}
            value={share}
            max={1}
            aria-label={t('rules.status.running')}
          />
          <p className="quiet small">{t('rules.mayLeave')}</p>
        </div>
      )}
      {failed > 0 && <p role="alert">{t('rules.set.failed', { count: failed })}</p>}
      <Sums rules={rules} started={started} runOf={of} isOver={isOver} />
      <p className="quiet small">{t('rules.set.unseen')}</p>
    </>
  );
}

interface SumsProps {
  rules: Rule[];
  started: Started[];
  runOf: (one: Started) => Run | undefined;
  isOver: boolean;
}

/** The sums first, then a row a rule. */
function Sums({ rules, started, runOf, isOver }: SumsProps) {
  const { t } = useTranslation();
  const all = started.map((one) => runOf(one)?.result?.variants?.[0]);
  const sum = (name: 'alarm_count' | 'tickets') =>
    isOver ? all.reduce((total, one) => total + (one?.[name] ?? 0), 0) : '…';
  return (
    <table className={styles.sides}>
      <thead>
        <tr>
          <th scope="col">{t('rules.wouldHave')}</th>
          <th scope="col">{t('rules.count.alarms')}</th>
          <th scope="col">{t('rules.count.tickets')}</th>
          <th scope="col">{t('rules.count.active')}</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">
            <strong>{t('rules.set.sum')}</strong>
          </th>
          <td>
            <strong>{sum('alarm_count')}</strong>
          </td>
          <td>
            <strong>{sum('tickets')}</strong>
          </td>
          <td />
        </tr>
        {started.map((one) => (
          <RuleRow
            key={one.rule}
            rule={rules.find((rule) => rule.id === one.rule)}
            started={one}
            run={runOf(one)}
          />
        ))}
      </tbody>
    </table>
  );
}

function RuleRow({ rule, started, run }: { rule: Rule | undefined; started: Started; run: Run | undefined }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const text = useFailureText();
  const variant = run?.result?.variants?.[0];
  const why = started.error ? text(started.error) : run?.error ? label(run.error) : null;
  const name = rule ? label(rule.name) : String(started.rule);
  return (
    <tr>
      <th scope="row">
        <Link to={run ? `/rules/${started.rule}?asset=${run.asset_id}` : `/rules/${started.rule}`}>
          {name}
        </Link>
        {why && <div className="small">{why}</div>}
        {variant && run?.result?.readings === 0 && <div className="quiet small">{t('rules.noReadings')}</div>}
      </th>
      {variant ? (
        <>
          <td>{variant.alarm_count}</td>
          <td>{variant.tickets}</td>
          <td>{duration(variant.active_s * 1000)}</td>
        </>
      ) : (
        <td colSpan={3} className="quiet">
          {run && !why ? `${t(`rules.status.${run.status}`)} ${Math.round(run.progress * 100)} %` : '–'}
        </td>
      )}
    </tr>
  );
}
