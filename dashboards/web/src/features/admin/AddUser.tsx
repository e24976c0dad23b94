import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '@/nouns/people/queries';
import type { Role } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { LoginLink } from './LoginLink';
import { useAddUser } from './queries';
import { ROLES } from './roles';

/** No password is typed here: the new person gets a link and sets their own. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('guard');
  const [added, setAdded] = useState<User | null>(null);
  const add = useAddUser();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ name: name.trim(), display_name: displayName.trim(), role }, { onSuccess: setAdded });
  };
  if (added) return <LoginLink user={added} onClose={onClose} />;
  return (
    <Dialog title={t('admin.addUser')} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <Field
          label={t('session.name')}
          hint={t('admin.nameHint')}
          value={name}
          required
          maxLength={64}
          autoCapitalize="none"
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t('admin.displayName')}
          value={displayName}
          required
          maxLength={120}
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <Choice<Role>
          label={t('admin.role')}
          hint={t(`admin.roleMeans.${role}`)}
          value={role}
          options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
          onPick={setRole}
        />
        {add.error && <p role="alert">{text(add.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={add.isPending}>
          {t('admin.addUser')}
        </Button>
      </form>
    </Dialog>
  );
}
