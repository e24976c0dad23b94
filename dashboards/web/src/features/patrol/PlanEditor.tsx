import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint, Plan } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { bodyOf } from './checkpointBody';
import picture from './PlanPicture.module.css';
import { useSaveCheckpoint } from './planning';
import { useMarkSize } from './useMarkSize';

interface Spot {
  id: number;
  x: number;
  y: number;
}

const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Checkpoints on a floor's picture: dragged, or moved with the arrow keys. */
export function PlanEditor({ plan, checkpoints }: { plan: Plan; checkpoints: Checkpoint[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const box = useRef<SVGSVGElement>(null);
  const [moving, setMoving] = useState<Spot | null>(null);
  const save = useSaveCheckpoint();
  const size = useMarkSize(plan);
  const here = checkpoints.filter((one) => one.plan_id === plan.id && one.x !== null);
  const free = checkpoints.filter((one) => one.plan_id === null);
  const put = (one: Checkpoint, x: number, y: number) =>
    save.mutate(
      {
        id: one.id,
        body: bodyOf(one, { plan_id: plan.id, x: inside(x, plan.width), y: inside(y, plan.height) }),
      },
      {
        onSuccess: () => tell(t('patrol.plans.moved', { name: label(one.name) })),
        onSettled: () => setMoving(null),
      },
    );
  const spotOf = (event: PointerEvent) => {
    const frame = box.current?.getBoundingClientRect();
    if (!frame) return null;
    const scale = Math.max(plan.width / frame.width, plan.height / frame.height);
    const x = (event.clientX - frame.left - frame.width / 2) * scale + plan.width / 2;
    const y = (event.clientY - frame.top - frame.height / 2) * scale + plan.height / 2;
    return { x: inside(x, plan.width), y: inside(y, plan.height) };
  };
  const drag = (event: PointerEvent) => {
    const spot = moving && spotOf(event);
    if (moving && spot) setMoving({ id: moving.id, ...spot });
  };
  const drop = () => {
    const one = here.find((candidate) => candidate.id === moving?.id);
    if (one && moving && (one.x !== moving.x || one.y !== moving.y)) put(one, moving.x, moving.y);
    else setMoving(null);
  };
  const step = (event: KeyboardEvent, one: Checkpoint) => {
    const way = STEPS[event.key];
    if (!way || one.x === null || one.y === null) return;
    event.preventDefault();
    put(one, one.x + way[0] * size, one.y + way[1] * size);
  };
  return (
    <div className={layout.form}>
      <p className="quiet small">
        {t('patrol.plans.hint')} · {t('patrol.plans.size', { width: plan.width, height: plan.height })}
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a drawing. */}
      <svg
        ref={box}
        className={picture.plan}
        viewBox={`0 0 ${plan.width} ${plan.height}`}
        onPointerMove={drag}
        onPointerUp={drop}
        role="group"
        aria-label={label(plan.name)}
      >
        <image href={plan.image_url} width={plan.width} height={plan.height} />
        {here.map((one) => {
          const at = moving?.id === one.id ? moving : { x: one.x ?? 0, y: one.y ?? 0 };
          return (
            // biome-ignore lint/a11y/useSemanticElements: a button cannot stand inside a drawing.
            <g
              key={one.id}
              className={picture.handle}
              transform={`translate(${at.x} ${at.y})`}
              role="button"
              tabIndex={0}
              aria-label={label(one.name)}
              onKeyDown={(event) => step(event, one)}
              onPointerDown={(event) => {
                event.preventDefault();
                box.current?.setPointerCapture(event.pointerId);
                setMoving({ id: one.id, x: one.x ?? 0, y: one.y ?? 0 });
              }}
            >
              <circle className={picture.reach} r={size * 1.9} />
              <circle className={picture.point} r={size} strokeWidth={size / 4} />
              <text className={picture.name} y={size * 2.3} fontSize={size * 1.15} textAnchor="middle">
                {label(one.name)}
              </text>
            </g>
          );
        })}
      </svg>
      {save.error && <p role="alert">{text(save.error)}</p>}
      {free.length > 0 && (
        <Choice
          label={t('patrol.plans.put')}
          hint={t('patrol.plans.putHint')}
          value=""
          options={[
            { value: '', label: '–' },
            ...free.map((one) => ({ value: String(one.id), label: label(one.name) })),
          ]}
          onPick={(id) => {
            const one = free.find((candidate) => String(candidate.id) === id);
            if (one) put(one, plan.width / 2, plan.height / 2);
          }}
        />
      )}
    </div>
  );
}

function inside(value: number, end: number): number {
  return Math.round(Math.min(end, Math.max(0, value)));
}
