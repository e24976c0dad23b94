import { lazy, Suspense, useEffect } from 'react';
import { LoginScreen } from './LoginScreen';
import { NeedsHttps } from './NeedsHttps';
import { adoptSession } from './session';
import { setZone } from './text/when';
import { useWho } from './who';

// Begins to load at once, beside the log-in: whoever logs in does not wait for it.
const loading = window.isSecureContext ? import('./Inside') : null;
const Inside = lazy(() => (loading ?? import('./Inside')).then((one) => ({ default: one.Inside })));

/** Log-in, or the app. A person who logged in on this phone is let in without asking the server. */
export function Gate() {
  const who = useWho();
  setZone(who?.zone ?? null);
  useEffect(() => {
    if (!who && window.isSecureContext) void adoptSession();
  }, [who]);
  if (!window.isSecureContext) return <NeedsHttps />;
  if (!who) return <LoginScreen />;
  return (
    <Suspense fallback={<div className="phone" aria-busy="true" />}>
      <Inside key={who.person.id} />
    </Suspense>
  );
}
