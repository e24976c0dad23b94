import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUsers } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NAMELESS, NameFields } from '@/ui/NameFields';
import { tell } from '@/ui/toasts';
import { type Team, useDeleteTeam, useSaveTeam } from './queries';

interface Props {
  site: number;
  team: Team | null;
  onClose: () => void;
}

export function TeamDialog({ site, team, onClose }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const users = useUsers().data?.items ?? [];
  const [key, setKey] = useState(team?.key ?? '');
  const [name, setName] = useState(team?.name ?? NAMELESS);
  const [members, setMembers] = useState(team?.members.map((one) => one.id) ?? []);
  const save = useSaveTeam();
  const remove = useDeleteTeam();
  const done = () => {
    tell(t('people.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { key, name, site_id: site, members };
    save.mutate({ id: team?.id ?? null, body }, { onSuccess: done });
  };
  const error = save.error ?? remove.error;
  return (
    <Dialog title={team ? label(team.name) : t('people.addTeam')} look="drawer" onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <NameFields name={name} onChange={setName} maxLength={120} />
        <Field
          label={t('people.key')}
          hint={t('people.keyHint')}
          value={key}
          required
          pattern="[a-z0-9][a-z0-9_-]{0,63}"
          onChange={(e) => setKey(e.target.value)}
        />
        <Checks
          legend={t('people.members')}
          options={users
            .filter((user) => !user.disabled_at || members.includes(user.id))
            .map((user) => ({ value: user.id, label: `${user.display_name} · ${t(`role.${user.role}`)}` }))}
          picked={members}
          onPick={setMembers}
        />
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending}>
          {t('action.save')}
        </Button>
        {team && (
          <ConfirmButton
            title={t('people.deleteTeamSure', { name: label(team.name) })}
            deed={t('people.deleteTeam')}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate(team.id, { onSuccess: done })}
          >
            {t('people.deleteTeamMeans')}
          </ConfirmButton>
        )}
      </form>
    </Dialog>
  );
}
