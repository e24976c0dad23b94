import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint, Plan, Round, Where } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { nextLeg } from './marks';
import styles from './Patrol.module.css';
import plan from './PlanPicture.module.css';
import { useMarkSize } from './useMarkSize';

interface Props {
  plans: Plan[];
  checkpoints: Map<number, Checkpoint>;
  rounds: Round[];
  where: Where[];
}

/** Where the people on rounds were proven last, and where they should go next. */
export function FloorPlanView({ plans, checkpoints, rounds, where }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const busiest = where.map((one) => checkpoints.get(one.checkpoint_id ?? 0)?.plan_id).find(Boolean);
  const [picked, setPicked] = useState<string | null>(null);
  const shown = plans.find((one) => String(one.id) === (picked ?? String(busiest))) ?? plans[0];
  if (!shown)
    return (
      <Panel title={t('patrol.plan')}>
        <Empty title={t('patrol.noPlans')}>{t('patrol.noPlansHint')}</Empty>
      </Panel>
    );
  return (
    <Panel
      title={t('patrol.plan')}
      actions={
        <Choice
          label={t('patrol.whichPlan')}
          isCompact
          value={String(shown.id)}
          options={plans.map((one) => ({ value: String(one.id), label: label(one.name) }))}
          onPick={setPicked}
        />
      }
    >
      <div className={layout.form}>
        <Picture shown={shown} checkpoints={checkpoints} rounds={rounds} where={where} />
        <People shown={shown} checkpoints={checkpoints} rounds={rounds} where={where} />
      </div>
    </Panel>
  );
}

type PictureProps = Omit<Props, 'plans'> & { shown: Plan };
type Spot = { x: number; y: number };

function Picture({ shown, checkpoints, rounds, where }: PictureProps) {
  const { label } = useFormat();
  const size = useMarkSize(shown);
  const spot = (id: number | null | undefined): Spot | null => {
    const found = checkpoints.get(id ?? 0);
    return found?.plan_id === shown.id && found.x !== null && found.y !== null
      ? { x: found.x, y: found.y }
      : null;
  };
  const here = [...checkpoints.values()].filter((one) => one.plan_id === shown.id && one.x !== null);
  return (
    <svg
      className={plan.plan}
      viewBox={`0 0 ${shown.width} ${shown.height}`}
      role="img"
      aria-label={label(shown.name)}
    >
      <image href={shown.image_url} width={shown.width} height={shown.height} />
      {here.map((one) => (
        <g key={one.id} transform={`translate(${one.x} ${one.y})`}>
          <circle className={plan.point} r={size * 0.7} strokeWidth={size / 4} />
          <text className={plan.name} y={size * 2.1} fontSize={size * 1.15} textAnchor="middle">
            {label(one.name)}
          </text>
        </g>
      ))}
      {where.map((one) => {
        const at = spot(one.checkpoint_id);
        const round = rounds.find((candidate) => candidate.id === one.round_id);
        const next = round ? spot(nextLeg(round)?.checkpoint_id) : null;
        return (
          <g key={one.round_id}>
            {at && next && (
              <line className={plan.way} x1={at.x} y1={at.y} x2={next.x} y2={next.y} strokeWidth={size / 4} />
            )}
            {next && (
              <circle
                className={plan.way}
                cx={next.x}
                cy={next.y}
                r={size * 1.3}
                fill="none"
                strokeWidth={size / 4}
              />
            )}
            {at && (
              <g transform={`translate(${at.x} ${at.y - size * 2})`}>
                <path
                  className={plan.person}
                  strokeWidth={size / 6}
                  d={`M0 ${size * 2}L${-size * 0.8} ${size}A${size * 1.3} ${size * 1.3} 0 1 1 ${size * 0.8} ${size}z`}
                />
                <text className={plan.initials} y={size * 0.4} fontSize={size} textAnchor="middle">
                  {initials(one.person.display_name)}
                </text>
              </g>
            )}
          </g>
        );
      })}
    </svg>
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/);
  return words.length > 1 ? `${words[0]?.[0] ?? ''}${words[1]?.[0] ?? ''}` : name.slice(0, 2);
}

/** The same in words: a picture is not for everybody. */
function People({ shown, checkpoints, rounds, where }: PictureProps) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const nameOf = (id: number | null | undefined) => {
    const found = checkpoints.get(id ?? 0);
    return found && label(found.name);
  };
  return (
    <ul className={styles.lines} aria-label={t('patrol.where')}>
      {where.map((one) => {
        const round = rounds.find((candidate) => candidate.id === one.round_id);
        const last = nameOf(one.checkpoint_id);
        const next = round && nameOf(nextLeg(round)?.checkpoint_id);
        const isHere = checkpoints.get(one.checkpoint_id ?? 0)?.plan_id === shown.id;
        return (
          <li key={one.round_id}>
            <strong>{one.person.display_name}</strong>
            <span>
              {last && one.at
                ? t('patrol.lastProven', { place: last, time: clock(one.at) })
                : t('patrol.nothingProven')}
              {next && ` · ${t('patrol.nextPoint', { place: next })}`}
              {one.battery_percent !== null && ` · ${t('patrol.battery', { percent: one.battery_percent })}`}
              {last && !isHere && ` · ${t('patrol.notOnPlan')}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
