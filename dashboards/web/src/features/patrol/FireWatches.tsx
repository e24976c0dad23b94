import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, ask } from '@/api/client';
import { useAssets } from '@/nouns/assets/queries';
import { useFireWatches, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import styles from './Patrol.module.css';

const SHOWN = 10;

/** Fire zones that are switched off and walked until they are on again. */
export function FireWatches() {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  const query = useFireWatches();
  const [isBeginning, setIsBeginning] = useState(false);
  return (
    <Panel
      title={t('patrol.fire.title')}
      actions={<Button onClick={() => setIsBeginning(true)}>{t('patrol.fire.begin')}</Button>}
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<p className="quiet">{t('patrol.fire.none')}</p>}
      >
        {(data) => (
          <ul className={styles.lines}>
            {data.items.slice(0, SHOWN).map((watch) => (
              <li key={watch.id}>
                <div className={styles.across}>
                  <strong>{label(watch.reason)}</strong>
                  <Link to={`/patrol/fire-watches/${watch.id}`}>{t('patrol.fire.log')}</Link>
                </div>
                <span className="small">
                  {t('patrol.fire.since', { time: short(watch.began_at) })} ·{' '}
                  {watch.ended_at
                    ? t('patrol.fire.ended', { time: short(watch.ended_at) })
                    : t('patrol.fire.next', { time: short(watch.next_at) })}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isBeginning && <BeginDialog onClose={() => setIsBeginning(false)} />}
    </Panel>
  );
}

function BeginDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const panels = useAssets({ profile: 'fire_panel', limit: 200, offset: 0 }).data?.items ?? [];
  const [asset, setAsset] = useState('');
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState('60');
  const chosen = asset || String(panels[0]?.id ?? '');
  const begin = usePatrolWrite(() =>
    ask(
      api.POST('/api/v1/patrol/fire-watches', {
        body: { asset_id: Number(chosen), reason, every_s: Number(minutes) * 60 },
      }),
    ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate(undefined, { onSuccess: onClose });
  };
  return (
    <Dialog title={t('patrol.fire.begin')} onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <Choice
          label={t('patrol.fire.asset')}
          value={chosen}
          options={panels.map((one) => ({ value: String(one.id), label: label(one.name) }))}
          onPick={setAsset}
        />
        <Field
          label={t('patrol.fire.reason')}
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Field
          label={t('patrol.fire.every')}
          type="number"
          min={5}
          max={1440}
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
        />
        {begin.error && <p role="alert">{text(begin.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={begin.isPending} disabled={!chosen}>
          {t('patrol.fire.begin')}
        </Button>
      </form>
    </Dialog>
  );
}
