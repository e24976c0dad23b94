import { ask, askJson } from './server';
import { enter, hasLeft, type Person } from './who';

interface Session {
  user: Person;
  site: { time_zone: string } | null;
}

export async function logIn(name: string, password: string): Promise<void> {
  admit(await askJson<Session>('/api/v1/session', { method: 'POST', json: { name, password } }));
}

/** Somebody who is logged in on this browser already (at the desk, by a link) need not do it again. */
export async function adoptSession(): Promise<void> {
  try {
    if (hasLeft()) await ask('/api/v1/session', { method: 'DELETE' });
    else admit(await askJson<Session>('/api/v1/session'));
  } catch {
    // Nobody is, or there is no signal: the log-in stays on screen.
  }
}

function admit({ user, site }: Session): void {
  enter(user, site?.time_zone ?? null);
}
