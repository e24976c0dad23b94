import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useSpaces } from '@/nouns/assets/queries';
import { useCheckpoints, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NAMELESS, NameFields } from '@/ui/NameFields';
import { tell } from '@/ui/toasts';
import { KEY_PATTERN, type Route, type RouteIn, useSaveRoute } from './planning';
import { ShorterWalk } from './ShorterWalk';
import { Stops } from './Stops';

type Walk = Route['walk'];
const WALKS = ['ordered', 'free', 'random'] as const;

/** A route: its checkpoints in order, when each is due, and a shorter walk where one is known. */
export function RouteDialog({ route, onClose }: { route: Route | null; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const sites = useSpaces().data?.filter((space) => space.kind === 'site') ?? [];
  const all = useCheckpoints().data?.items ?? [];
  const [key, setKey] = useState(route?.key ?? '');
  const [name, setName] = useState(route?.name ?? NAMELESS);
  const [walk, setWalk] = useState<Walk>(route?.walk ?? 'ordered');
  const [picked, setPicked] = useState(route ? String(route.site_id) : '');
  const [legs, setLegs] = useState<RouteIn['legs']>(route?.legs ?? []);
  const site = Number(picked) || sites[0]?.id || 0;
  const save = useSaveRoute();
  const retire = usePatrolWrite((id: number) =>
    ask(api.DELETE('/api/v1/patrol/routes/{row_id}', { params: { path: { row_id: id } } })),
  );
  const done = () => {
    tell(t('patrol.edit.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { key, name, site_id: site, walk, legs };
    save.mutate({ id: route?.id ?? null, body }, { onSuccess: done });
  };
  const error = save.error ?? retire.error;
  return (
    <Dialog title={route ? label(route.name) : t('patrol.route.new')} look="drawer" onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <Field
          label={t('patrol.edit.key')}
          hint={t('patrol.edit.keyHint')}
          required
          pattern={KEY_PATTERN}
          title={t('patrol.edit.keyHint')}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
        <div className={layout.pair}>
          <NameFields name={name} onChange={setName} />
        </div>
        <div className={layout.pair}>
          <Choice
            label={t('patrol.site')}
            value={String(site)}
            options={sites.map((one) => ({ value: String(one.id), label: label(one.name) }))}
            onPick={setPicked}
          />
          <Choice<Walk>
            label={t('patrol.route.walk')}
            value={walk}
            options={WALKS.map((value) => ({ value, label: t(`patrol.round.orderOf.${value}`) }))}
            onPick={setWalk}
          />
        </div>
        <Stops legs={legs} checkpoints={all.filter((one) => one.site_id === site)} onChange={setLegs} />
        {route && <ShorterWalk route={route} checkpoints={all} onTake={setLegs} />}
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending} disabled={legs.length === 0}>
          {t('action.save')}
        </Button>
        {route && (
          <ConfirmButton
            title={t('patrol.edit.retireSure', { name: label(route.name) })}
            deed={t('patrol.edit.retire')}
            isBusy={retire.isPending}
            onConfirm={() => retire.mutate(route.id, { onSuccess: done })}
          >
            {t('patrol.edit.retireRouteMeans')}
          </ConfirmButton>
        )}
      </form>
    </Dialog>
  );
}
