import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Patrol.module.css';
import type { RouteIn } from './planning';

type Stop = RouteIn['legs'][number];

interface Props {
  legs: Stop[];
  checkpoints: Checkpoint[];
  onChange: (legs: Stop[]) => void;
}

/** The order of a route: by dragging, or by the buttons, which a keyboard reaches. */
export function Stops({ legs, checkpoints, onChange }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [dragged, setDragged] = useState<number | null>(null);
  const places = new Map(checkpoints.map((one) => [one.id, one]));
  const rest = checkpoints.filter((one) => !legs.some((leg) => leg.checkpoint_id === one.id));
  const move = (from: number, to: number) => {
    if (to < 0 || to >= legs.length) return;
    const next = [...legs];
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  };
  const change = (index: number, what: Partial<Stop>) =>
    onChange(legs.map((leg, at) => (at === index ? { ...leg, ...what } : leg)));
  return (
    <fieldset className={styles.asking}>
      <legend>{t('patrol.route.stops')}</legend>
      <p className="quiet small">
        {t('patrol.route.drag')} · {t('patrol.route.toleranceHint')}
      </p>
      <ol className={styles.lines}>
        {legs.map((leg, index) => {
          const place = places.get(leg.checkpoint_id);
          const name = place ? label(place.name) : String(leg.checkpoint_id);
          return (
            <li
              key={leg.checkpoint_id}
              draggable
              onDragStart={() => setDragged(index)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={() => dragged !== null && move(dragged, index)}
            >
              <div className={styles.across}>
                <strong>
                  {index + 1}. {name}
                </strong>
                <span className={layout.tools}>
                  <Button
                    look="quiet"
                    aria-label={t('patrol.route.up', { name })}
                    onClick={() => move(index, index - 1)}
                  >
                    ↑
                  </Button>
                  <Button
                    look="quiet"
                    aria-label={t('patrol.route.down', { name })}
                    onClick={() => move(index, index + 1)}
                  >
                    ↓
                  </Button>
                  <Button
                    look="quiet"
                    aria-label={t('patrol.route.out', { name })}
                    onClick={() => onChange(legs.filter((_, at) => at !== index))}
                  >
                    ✕
                  </Button>
                </span>
              </div>
              <div className={layout.pair}>
                <Minutes
                  label={t('patrol.route.after')}
                  seconds={leg.after_s ?? null}
                  onChange={(after_s) => change(index, { after_s })}
                />
                <Minutes
                  label={t('patrol.route.tolerance')}
                  seconds={leg.tolerance_s ?? null}
                  onChange={(tolerance_s) => change(index, { tolerance_s })}
                />
              </div>
            </li>
          );
        })}
      </ol>
      {rest.length > 0 && (
        <Choice
          label={t('patrol.route.addStop')}
          value=""
          options={[
            { value: '', label: '–' },
            ...rest.map((one) => ({ value: String(one.id), label: label(one.name) })),
          ]}
          onPick={(id) =>
            id && onChange([...legs, { checkpoint_id: Number(id), after_s: null, tolerance_s: null }])
          }
        />
      )}
    </fieldset>
  );
}

interface MinutesProps {
  label: string;
  seconds: number | null;
  onChange: (seconds: number | null) => void;
}

function Minutes({ label, seconds, onChange }: MinutesProps) {
  return (
    <Field
      label={label}
      type="number"
      min={0}
      step="any"
      value={seconds === null ? '' : seconds / 60}
      onChange={(event) =>
        onChange(event.target.value === '' ? null : Math.round(Number(event.target.value) * 60))
      }
    />
  );
}
