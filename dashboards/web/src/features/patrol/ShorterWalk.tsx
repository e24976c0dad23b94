import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { type Checkpoint, usePlans } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import layout from '@/ui/layout.module.css';
import { metresOf, type Route } from './planning';

interface Props {
  route: Route;
  checkpoints: Checkpoint[];
  onTake: (legs: Route['legs']) => void;
}

/** The shortest walk through the same checkpoints, and what it saves against the route as it is kept. */
export function ShorterWalk({ route, checkpoints, onTake }: Props) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const text = useFailureText();
  const plans = usePlans().data?.items ?? [];
  const look = useMutation({
    mutationFn: () =>
      ask(api.GET('/api/v1/patrol/routes/{row_id}/suggestion', { params: { path: { row_id: route.id } } })),
  });
  const found = look.data;
  const saved = found ? found.now_s - found.walk_s : 0;
  const metres = (ids: number[]) =>
    metresOf(
      ids.flatMap((id) => checkpoints.find((one) => one.id === id) ?? []),
      (plan) => plans.find((one) => one.id === plan)?.millimetres_a_pixel ?? null,
    );
  const before = metres(route.legs.map((leg) => leg.checkpoint_id));
  const after = found ? metres(found.checkpoint_ids) : null;
  const fewer = before !== null && after !== null ? Math.round(before - after) : 0;
  const take = () => {
    // Times belong to places in the order, so they stay where they are.
    if (!found) return;
    onTake(
      route.legs.map((leg, index) => ({
        ...leg,
        checkpoint_id: found.checkpoint_ids[index] ?? leg.checkpoint_id,
      })),
    );
  };
  return (
    <div className={layout.form}>
      <div className={layout.tools}>
        <Button isBusy={look.isPending} onClick={() => look.mutate()}>
          {t('patrol.route.shorter')}
        </Button>
      </div>
      {look.error && <p role="alert">{text(look.error)}</p>}
      {found && saved <= 0 && <p>{t('patrol.route.shortest')}</p>}
      {found && saved > 0 && (
        <>
          <p>
            {t('patrol.route.shorterFound', {
              saved: duration(saved * 1000),
              walk: duration(found.walk_s * 1000),
              now: duration(found.now_s * 1000),
            })}{' '}
            {fewer > 0 && t('patrol.route.metres', { metres: fewer })}
          </p>
          <div className={layout.tools}>
            <Button onClick={take}>{t('patrol.route.take')}</Button>
          </div>
        </>
      )}
    </div>
  );
}
