import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '@/nouns/people/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import styles from './People.module.css';
import {
  type Person,
  useSubstitute,
  useSubstitutions,
  useWithdrawSubstitution,
  type Working,
} from './queries';
import { hoursOf } from './words';

const NOBODY = 'nobody';

interface Props {
  site: number;
  working: Working;
  onClose: () => void;
}

/** One working of a shift: who has it, who stands in for whom. */
export function WorkingDialog({ site, working, onClose }: Props) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const mayEdit = useMay('admin');
  const changes = useSubstitutions(site, working.day, working.day).data?.items ?? [];
  const ours = changes.filter((one) => one.shift_id === working.shift_id);
  const withdraw = useWithdrawSubstitution();
  const text = useFailureText();
  const own = working.people.filter((duty) => !duty.replaces).map((duty) => duty.user);
  return (
    <Dialog title={`${label(working.team)} · ${label(working.shift)}`} onClose={onClose}>
      <p className="quiet">
        {working.day} {hoursOf(working, clock)}
      </p>
      <ul className={styles.duties}>
        {working.people.map((duty) => (
          <li key={duty.user.id}>
            <strong>{duty.user.display_name}</strong>
            {duty.replaces && (
              <span className="quiet">
                {' '}
                {t('people.standsInFor', { name: duty.replaces.display_name })}
                {duty.reason && ` (${duty.reason})`}
              </span>
            )}
          </li>
        ))}
        {working.absent.map((person) => (
          <li key={person.id}>{t('people.isAway', { name: person.display_name })}</li>
        ))}
        {working.people.length === 0 && working.absent.length === 0 && <li>{t('people.nobody')}</li>}
      </ul>
      {mayEdit &&
        ours.map((one) => (
          <Button
            key={one.id}
            isBusy={withdraw.isPending}
            onClick={() =>
              withdraw.mutate(one.id, {
                onSuccess: () => {
                  tell(t('people.saved'));
                  onClose();
                },
              })
            }
          >
            {t('people.worksAfterAll', { name: one.user.display_name })}
          </Button>
        ))}
      {withdraw.error && <p role="alert">{text(withdraw.error)}</p>}
      {mayEdit && own.length > 0 && <Substitute working={working} people={own} onDone={onClose} />}
    </Dialog>
  );
}

function Substitute({ working, people, onDone }: { working: Working; people: Person[]; onDone: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const users = useUsers().data?.items ?? [];
  const working_ids = new Set(working.people.map((duty) => duty.user.id));
  const others = users.filter((user) => !user.disabled_at && !working_ids.has(user.id));
  const [away, setAway] = useState(String(people[0]?.id ?? ''));
  const [standIn, setStandIn] = useState(NOBODY);
  const [reason, setReason] = useState('');
  const save = useSubstitute();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      {
        shift_id: working.shift_id,
        on: working.day,
        user_id: Number(away),
        replaced_by: standIn === NOBODY ? null : Number(standIn),
        reason: reason.trim() || null,
      },
      {
        onSuccess: () => {
          tell(t('people.saved'));
          onDone();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className={layout.form}>
      <h3>{t('people.substitute')}</h3>
      <Choice
        label={t('people.whoIsAway')}
        value={away}
        options={people.map((one) => ({ value: String(one.id), label: one.display_name }))}
        onPick={setAway}
      />
      <Choice
        label={t('people.whoStandsIn')}
        value={standIn}
        options={[
          { value: NOBODY, label: t('people.nobody') },
          ...others.map((one) => ({ value: String(one.id), label: one.display_name })),
        ]}
        onPick={setStandIn}
      />
      <Field
        label={t('people.reason')}
        value={reason}
        maxLength={120}
        placeholder={t('action.optional')}
        onChange={(event) => setReason(event.target.value)}
      />
      {save.error && <p role="alert">{text(save.error)}</p>}
      <Button type="submit" look="primary" isLarge isBusy={save.isPending}>
        {t('action.save')}
      </Button>
    </form>
  );
}
