import { Button } from '@/ui/Button';
import { go } from '../route';
import { db, useStored } from '../store/db';
import { sync } from '../sync/engine';
import { useSyncState } from '../sync/state';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { shortTime, size } from '../text/when';
import { useWho } from '../who';

const SHOWN = 200;

/** Everything the server does not have yet, one by one: nothing is hidden behind a spinner. */
export function UnsentScreen() {
  const t = useText();
  const who = useWho();
  const state = useSyncState();
  const events = useStored(() => db.events.where('state').notEqual('sent').sortBy('seq'), []) ?? [];
  const photos = useStored(() => db.photos.where('state').notEqual('sent').sortBy('taken_ms'), []) ?? [];
  return (
    <>
      <h1>{t.send.title}</h1>
      {events.length + photos.length === 0 ? <p>{t.send.none}</p> : <p>{t.send.explain}</p>}
      <p className="quiet">
        {state.sent_at ? t.send.last(shortTime(state.sent_at)) : t.send.never}
        {state.retry_at && ` · ${t.send.next(shortTime(state.retry_at))}`}
      </p>
      {who?.needs_login ? (
        <Button look="primary" isLarge onClick={() => go('/person')}>
          {t.send.login}
        </Button>
      ) : (
        <Button look="primary" isLarge isBusy={state.isSending} onClick={() => void sync()}>
          {t.send.now}
        </Button>
      )}
      <ul className="stack">
        {events.slice(0, SHOWN).map((one) => (
          <li key={one.id} className="note">
            <span className="value">{t.kind[one.kind] ?? one.kind}</span>{' '}
            <span className="quiet">{shortTime(one.event.wall_ms)}</span>
            {one.state === 'stuck' && (
              <p>
                {t.send.stuck} {say(one.verdict?.message)}
              </p>
            )}
          </li>
        ))}
        {photos.slice(0, SHOWN).map((one) => (
          <li key={one.id} className="note">
            <span className="value">{t.send.photo}</span>{' '}
            <span className="quiet">
              {shortTime(one.taken_ms)} · {t.send.progress(size(one.offset), size(one.bytes))}
            </span>
            {one.state === 'stuck' && <p>{t.send.stuck}</p>}
          </li>
        ))}
      </ul>
    </>
  );
}
