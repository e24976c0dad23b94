import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { PERIODS, type Period, Progress, periodOf } from './Backtest';
import { type Model, useActivate, useAskForRun, useModels, useRuns } from './queries';
import type { RuleDetail } from './RulePage';
import styles from './Rules.module.css';

interface Props {
  rule: RuleDetail;
  asset: number;
  points: Point[];
}

/** What the rule has learned: train on a normal period, read what came out, put a version to use. */
export function Models({ rule, asset, points }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const mayTrain = useMay('engineer');
  const [period, setPeriod] = useState<Period>('month');
  const models = useModels(rule.id);
  const ask = useAskForRun(rule.id);
  const runs = useRuns(rule.id).data ?? [];
  const training = runs.find((run) => run.kind === 'training' && run.asset_id === asset);
  const train = () =>
    ask.mutate(
      { kind: 'training', asset_id: asset, ...periodOf(period) },
      { onSettled: () => void models.refetch() },
    );
  const options = (Object.keys(PERIODS) as Period[]).map((value) => ({
    value,
    label: t(`rules.period.${value}`),
  }));
  return (
    <Panel title={t('rules.models')}>
      <div className={styles.stack}>
        <p className="quiet small">{t('rules.modelsExplain')}</p>
        {mayTrain && (
          <div className={layout.tools}>
            <Segmented label={t('rules.over')} value={period} options={options} onPick={setPeriod} />
            <Button onClick={train} isBusy={ask.isPending}>
              {t('rules.train')}
            </Button>
          </div>
        )}
        {ask.error && <p role="alert">{text(ask.error)}</p>}
        {training && <Progress run={training} />}
        <Versions key={training?.status} rule={rule} asset={asset} points={points} />
      </div>
    </Panel>
  );
}

function Versions({ rule, asset, points }: Props) {
  const { t } = useTranslation();
  const models = useModels(rule.id);
  return (
    <Loaded
      query={models}
      isEmpty={(all) => all.every((one) => one.asset_id !== asset)}
      empty={<Empty title={t('rules.noModel')} />}
    >
      {(all) =>
        all
          .filter((one) => one.asset_id === asset)
          .map((model) => <OneModel key={model.id} model={model} points={points} />)
      }
    </Loaded>
  );
}

function OneModel({ model, points }: { model: Model; points: Point[] }) {
  const { t } = useTranslation();
  const { time, label, list } = useFormat();
  const mayUse = useMay('admin');
  const use = useActivate();
  const facts = model.facts as { kind: string; rows: number; set_aside?: number; points?: string[] };
  const name = (key: string) => {
    const point = points.find((known) => known.key === key);
    return point ? label(point.name) : key;
  };
  return (
    <div className={styles.model}>
      <div>
        <strong>{t('rules.version', { version: model.version })}</strong>{' '}
        {t(`rules.type.${facts.kind as 'limit'}`)}
        {model.active && <span> · {t('rules.inUse')}</span>}
        <div className="quiet small">
          {time(model.from_at)} – {time(model.to_at)} · {t('rules.learnedFrom', { count: facts.rows })}
          {facts.set_aside ? ` · ${t('rules.setAside', { count: facts.set_aside })}` : ''}
        </div>
        {facts.points && <div className="small">{list(facts.points.map(name))}</div>}
      </div>
      {mayUse && !model.active && (
        <Button onClick={() => use.mutate(model.id)} isBusy={use.isPending}>
          {t('rules.use')}
        </Button>
      )}
    </div>
  );
}
