import { useState } from 'react';
import { Button } from '@/ui/Button';
import { tell } from '@/ui/toasts';
import type { Bundle, Round } from '../api';
import { Progress } from '../parts/Progress';
import { Recheck } from '../parts/Recheck';
import { SignPad } from '../parts/SignPad';
import { StepLine } from '../parts/StepLine';
import { Where } from '../parts/Where';
import { finishRound, startRound } from '../rounds/actions';
import { isOver, type Step, type Walk, walkOf } from '../rounds/progress';
import { follow, go } from '../route';
import { findRound, useBundle, useEvents, useNow } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { duration, ms, shortSpan, shortTime } from '../text/when';

/** One round: the next point on top, all points below. */
export function RoundScreen({ roundId }: { roundId: number | null }) {
  const t = useText();
  const kept = useBundle();
  const events = useEvents();
  if (kept === undefined) return <p aria-busy="true" />;
  const round = kept && findRound(kept.bundle, roundId);
  if (!kept || !round) return <p className="note">{t.round.notFound}</p>;
  const walk = walkOf(kept, round, events);
  return (
    <>
      <h1>{say(round.name)}</h1>
      <Progress done={walk.doneCount} all={walk.steps.length} />
      {walk.state === 'suspended' && (
        <p className="note">{t.round.suspended(causeOf(round) || t.rounds.state.suspended || '')}</p>
      )}
      <Lead walk={walk} bundle={kept.bundle} />
      <section className="stack">
        <h2>{t.round.allPoints}</h2>
        <ol className="stack">
          {walk.steps.map((step, i) => (
            <StepLine key={step.leg.checkpoint_id} step={step} position={i + 1} roundId={round.id} />
          ))}
        </ol>
      </section>
      {walk.steps.some((step) => step.isMissed) && (
        <a {...follow(`/contest/${round.id}`)} className="pressable">
          {t.round.contest}
        </a>
      )}
    </>
  );
}

/** The sentence that came with what called the person elsewhere. */
function causeOf(round: Round): string {
  const text = round.cause?.text;
  if (typeof text !== 'object' || text === null || !('en' in text) || !('zh' in text)) return '';
  return say({ en: String(text.en), zh: String(text.zh) });
}

function Lead({ walk, bundle }: { walk: Walk; bundle: Bundle }) {
  const t = useText();
  const { round, state, next } = walk;
  if (isOver(walk)) return <p className="note">{t.rounds.state[state] ?? state}</p>;
  if (state === 'due')
    return (
      <section className="card">
        <p>{t.rounds.window(...shortSpan(round.starts_at, round.window_ends_at))}</p>
        <Button look="primary" isLarge onClick={() => void startRound(round.id)}>
          {t.rounds.start}
        </Button>
      </section>
    );
  return (
    <>
      {next && <NextPoint step={next} roundId={round.id} bundle={bundle} />}
      <Finish walk={walk} />
    </>
  );
}

function NextPoint({ step, roundId, bundle }: { step: Step; roundId: number; bundle: Bundle }) {
  const t = useText();
  const now = useNow(15_000);
  const { checkpoint, leg } = step;
  if (!checkpoint) return null;
  const late = leg.due_at ? now - ms(leg.due_at) - leg.tolerance_s * 1000 : 0;
  return (
    <section className="card" aria-labelledby="next-point">
      <p className="quiet">{t.round.nextPoint}</p>
      <h2 id="next-point">{say(checkpoint.name)}</h2>
      <p>
        {checkpoint.space.map(say).join(' · ')}
        {leg.due_at && ` · ${t.round.due(shortTime(leg.due_at))}`}
      </p>
      {late > 0 && <p className="value">{t.round.late(duration(late))}</p>}
      {step.scan && <p className="note">{t.round.tooWeak}</p>}
      <Where checkpoint={checkpoint} bundle={bundle} />
      <Recheck bundle={bundle} checkpointId={checkpoint.id} />
      <Button look="primary" isLarge onClick={() => go(`/scan/${roundId}/${checkpoint.id}`)}>
        {t.round.scanHere}
      </Button>
    </section>
  );
}

/** With a signature; with points left open only after being asked. */
function Finish({ walk }: { walk: Walk }) {
  const t = useText();
  const [isAsking, setAsking] = useState(false);
  const open = walk.steps.filter((step) => !step.isDone && !step.isMissed).length;
  const finish = async (signature: string | null) => {
    await finishRound(walk.round.id, signature);
    tell(t.round.finished);
    go('/', 'replace');
  };
  if (!isAsking)
    return (
      <Button look={open ? 'plain' : 'primary'} isLarge onClick={() => setAsking(true)}>
        {open ? t.round.finishEarly(open) : t.round.finish}
      </Button>
    );
  return (
    <section className="card">
      {open > 0 && <p role="alert">{t.round.finishAsk(open)}</p>}
      <SignPad onSigned={(id) => void finish(id)} label={t.round.finish} />
    </section>
  );
}
