import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { Panel } from '@/ui/Panel';
import { tell } from '@/ui/toasts';
import styles from './MorePage.module.css';

export function PasswordChange() {
  const { t } = useTranslation();
  const text = useFailureText();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () =>
      ask(api.PATCH('/api/v1/session', { body: { password: next, current_password: current } })),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      tell(t('session.passwordChanged'));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Panel title={t('session.changePassword')}>
      <form className={styles.things} onSubmit={submit}>
        <Field
          label={t('session.currentPassword')}
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label={t('session.newPassword')}
          hint={t('session.passwordHint')}
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        {change.error && <p role="alert">{text(change.error)}</p>}
        <Button type="submit" isBusy={change.isPending}>
          {t('session.changePassword')}
        </Button>
      </form>
    </Panel>
  );
}
