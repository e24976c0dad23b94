import { Button } from '@/ui/Button';
import { Progress } from '../parts/Progress';
import { Warnings } from '../parts/Warnings';
import { startRound } from '../rounds/actions';
import { isOver, type Walk, walkOf } from '../rounds/progress';
import { follow, go } from '../route';
import { useBundle, useEvents, useNow } from '../store/hooks';
import { sync } from '../sync/engine';
import { useSyncState } from '../sync/state';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { ms, shortSpan, shortTime } from '../text/when';

/** What is to be walked now, and what comes next. */
export function RoundsScreen() {
  const t = useText();
  const kept = useBundle();
  const events = useEvents();
  const now = useNow(30_000);
  if (kept === undefined) return <p aria-busy="true" />;
  if (kept === null) return <NothingYet />;
  const walks = kept.bundle.rounds.map((round) => walkOf(kept, round, events));
  const open = walks.filter((walk) => !isOver(walk));
  const current = open.filter((walk) => walk.state !== 'due' || ms(walk.round.starts_at) <= now);
  const later = open.filter((walk) => !current.includes(walk));
  const [first, ...others] = current.length ? current : later;
  return (
    <>
      <h1>{t.rounds.title}</h1>
      <Warnings />
      {first ? (
        <Lead walk={first} title={current.length ? t.rounds.now : t.rounds.next} />
      ) : (
        <section className="card">
          <h2>{t.rounds.none}</h2>
          <p className="quiet">{t.rounds.noneHint}</p>
        </section>
      )}
      <Lines title={current.length ? t.rounds.now : t.rounds.next} walks={others} />
      {current.length > 0 && <Lines title={t.rounds.next} walks={later} />}
      <Lines title={t.rounds.earlier} walks={walks.filter(isOver)} />
      <p className="quiet small">{t.rounds.as_of(shortTime(kept.at_ms))}</p>
    </>
  );
}

function NothingYet() {
  const t = useText();
  const { isSending } = useSyncState();
  return (
    <>
      <h1>{t.rounds.title}</h1>
      <Warnings />
      <section className="card">
        <p>{t.failure.noBundle}</p>
        <Button isLarge isBusy={isSending} onClick={() => void sync()}>
          {t.failure.retry}
        </Button>
      </section>
    </>
  );
}

function Lead({ walk, title }: { walk: Walk; title: string }) {
  const t = useText();
  const { round, state } = walk;
  const press = async () => {
    if (state === 'due') await startRound(round.id);
    go(`/round/${round.id}`);
  };
  return (
    <section className="card" aria-labelledby="lead">
      <p className="quiet">{title}</p>
      <h2 id="lead">{say(round.name)}</h2>
      <p>
        {t.rounds.window(...shortSpan(round.starts_at, round.window_ends_at))}
        {' · '}
        {t.rounds.order[round.order] ?? ''}
      </p>
      <Progress done={walk.doneCount} all={walk.steps.length} />
      <Button look="primary" isLarge onClick={() => void press()}>
        {state === 'due' ? t.rounds.start : t.rounds.goOn}
      </Button>
      {state === 'due' && (
        <a {...follow(`/round/${round.id}`)} className="pressable">
          {t.rounds.open}
        </a>
      )}
    </section>
  );
}

function Lines({ title, walks }: { title: string; walks: Walk[] }) {
  const t = useText();
  if (!walks.length) return null;
  return (
    <section className="stack">
      <h2>{title}</h2>
      {walks.map(({ round, state, doneCount, steps }) => (
        <a key={round.id} {...follow(`/round/${round.id}`)} className="pressable">
          <span>
            <span className="value">{say(round.name)}</span>
            <br />
            <span className="quiet">
              {t.rounds.window(...shortSpan(round.starts_at, round.window_ends_at))}
            </span>
          </span>
          <span className="quiet">
            {t.rounds.state[state] ?? state}
            <br />
            {t.rounds.progress(doneCount, steps.length)}
          </span>
        </a>
      ))}
    </section>
  );
}
