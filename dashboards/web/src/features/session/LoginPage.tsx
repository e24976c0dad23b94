import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { ApiError, api, ask } from '@/api/client';
import { queryClient, SESSION_KEY } from '@/api/queries';
import { LanguageButton } from '@/nouns/session/LanguageButton';
import type { Session } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { useTitle } from '@/ui/screen';
import { ThemeButton } from '@/ui/ThemeButton';
import styles from './LoginPage.module.css';

export function LoginPage() {
  const { t } = useTranslation();
  useTitle(t('session.logIn'));
  const enter = useEnter();
  const byLink = useMutation({
    mutationFn: (token: string) => ask(api.POST('/api/v1/session/link', { body: { token } })),
    onSuccess: enter,
  });
  const follow = useRef(byLink.mutate);
  // Not only at the start: a link pasted into the tab that shows this page changes nothing else.
  const { hash } = useLocation();
  useEffect(() => {
    const token = new URLSearchParams(hash.slice(1)).get('token');
    if (!token) return;
    // A used token must not stay in the address bar or the history.
    window.history.replaceState(window.history.state, '', window.location.pathname);
    follow.current(token);
  }, [hash]);
  return (
    <div className={styles.page}>
      <header className={styles.tools}>
        <LanguageButton />
        <ThemeButton />
      </header>
      <main className={styles.card}>
        <img src="/icon.svg" alt="" width="44" height="44" />
        <h1>Plantroom</h1>
        <p className="quiet">{t('session.claim')}</p>
        {byLink.isPending || byLink.isSuccess ? (
          <p role="status" className={styles.following}>
            {t('session.following')}
          </p>
        ) : (
          <PasswordForm onDone={enter} linkError={byLink.error} />
        )}
      </main>
    </div>
  );
}

function useEnter() {
  const navigate = useNavigate();
  const { state } = useLocation();
  return (session: Session) => {
    queryClient.setQueryData(SESSION_KEY, session);
    void navigate(isBack(state) ? state.back : '/', { replace: true });
  };
}

function isBack(state: unknown): state is { back: string } {
  return typeof state === 'object' && state !== null && 'back' in state && typeof state.back === 'string';
}

function PasswordForm({ onDone, linkError }: { onDone: (session: Session) => void; linkError: unknown }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const logIn = useMutation({
    mutationFn: () => ask(api.POST('/api/v1/session', { body: { name: name.trim(), password } })),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate();
  };
  const isWrong = logIn.error instanceof ApiError && logIn.error.status === 401;
  const isDeadLink = linkError instanceof ApiError && linkError.status >= 400 && linkError.status < 500;
  return (
    <form onSubmit={submit} className={styles.form}>
      {linkError !== null && !logIn.error && (
        <p role="alert" className={styles.wrong}>
          {isDeadLink ? t('session.deadLink') : text(linkError)}
        </p>
      )}
      {logIn.error && (
        <p role="alert" className={styles.wrong}>
          {isWrong ? t('session.wrong') : text(logIn.error)}
        </p>
      )}
      <Field
        label={t('session.name')}
        value={name}
        onChange={(event) => setName(event.target.value)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <Field
        label={t('session.password')}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        required
      />
      <Button type="submit" look="primary" isLarge isBusy={logIn.isPending}>
        {t('session.logIn')}
      </Button>
      <p className="quiet small">{t('session.noAccount')}</p>
    </form>
  );
}
