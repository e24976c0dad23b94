import { type FormEvent, useEffect, useState } from 'react';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import styles from './LoginScreen.module.css';
import { LanguageButton } from './parts/LanguageButton';
import { ThemeButton } from './parts/ThemeButton';
import { Refused } from './server';
import { logIn } from './session';
import { keptTaps } from './tap';
import { useDoorText } from './text/door';

interface Props {
  /** Asked again in the middle of the work: whose session ended, and how to go on without. */
  name?: string;
  onLater?: () => void;
  onDone?: () => void;
}

/** Name and password; also says when a tapped tag waits for it. */
export function LoginScreen({ name: known = '', onLater, onDone }: Props) {
  const t = useDoorText();
  const [name, setName] = useState(known);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const hasTap = useHasTap();
  const Frame = onDone ? 'section' : 'main'; // within the app there is a main already
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await logIn(name.trim(), password);
      onDone?.();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={onDone ? undefined : `phone ${styles.page}`}>
      {!onDone && (
        <header className={styles.tools}>
          <LanguageButton />
          <ThemeButton />
        </header>
      )}
      <Frame className={styles.card}>
        {!onDone && <img src="/icon.svg" alt="" width="56" height="56" />}
        <h1>{t.login.title}</h1>
        <p className="quiet">{known ? t.login.again : t.login.claim}</p>
        {hasTap && (
          <p role="status" className={styles.kept}>
            {t.login.tapKept}
          </p>
        )}
        <form onSubmit={submit} className={styles.form}>
          {error !== null && <p role="alert">{failureText(t, error)}</p>}
          <Field
            label={t.login.name}
            value={name}
            onChange={(event) => setName(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
          <Field
            label={t.login.password}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            required
          />
          <Button type="submit" look="primary" isLarge isBusy={isBusy}>
            {t.login.logIn}
          </Button>
          {onLater && (
            <Button look="quiet" isLarge onClick={onLater}>
              {t.login.later}
            </Button>
          )}
        </form>
      </Frame>
    </div>
  );
}

function useHasTap(): boolean {
  const [hasTap, setHasTap] = useState(false);
  useEffect(() => {
    void keptTaps().then((taps) => setHasTap(taps.length > 0));
  }, []);
  return hasTap;
}

function failureText(t: ReturnType<typeof useDoorText>, error: unknown): string {
  if (!(error instanceof Refused)) return t.failure.unexpected;
  if (error.status === 0) return t.login.unreachable;
  if (error.status === 401) return t.login.wrong;
  if (error.status === 429) return t.failure.tooMany(Math.ceil((error.retryAfterMs ?? 60_000) / 1000));
  return error.message || t.failure.server(error.status);
}
