import { useState } from 'react';
import { Button } from '@/ui/Button';
import { TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { type Step, type Walk, walkOf } from '../rounds/progress';
import { useBundle, useEvents } from '../store/hooks';
import { record } from '../store/log';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { shortTime } from '../text/when';

/** A point is shown as missed and the person says why that is not right. */
export function ContestScreen({ roundId }: { roundId: number | null }) {
  const t = useText();
  const kept = useBundle();
  const events = useEvents();
  const rounds = (kept?.bundle.rounds ?? []).filter((round) => roundId === null || round.id === roundId);
  const missed = kept
    ? rounds
        .map((round) => walkOf(kept, round, events))
        .flatMap((walk) => walk.steps.filter((step) => step.isMissed).map((step) => ({ walk, step })))
    : [];
  const isContested = ({ walk, step }: { walk: Walk; step: Step }) =>
    events.some(
      ({ kind, event }) =>
        kind === 'contest' &&
        event.payload.round_id === walk.round.id &&
        event.payload.checkpoint_id === step.leg.checkpoint_id,
    );
  return (
    <>
      <h1>{t.contest.title}</h1>
      {!missed.length && <p className="quiet">{t.contest.none}</p>}
      {missed.map((one) => (
        <section key={`${one.walk.round.id}/${one.step.leg.checkpoint_id}`} className="card">
          <h2>{say(one.step.checkpoint?.name)}</h2>
          <p className="quiet">
            {say(one.walk.round.name)} · {shortTime(one.step.leg.due_at ?? one.walk.round.starts_at)}
          </p>
          {isContested(one) ? (
            <p role="status">{t.contest.sent}</p>
          ) : (
            <Reason roundId={one.walk.round.id} pointId={one.step.leg.checkpoint_id} />
          )}
        </section>
      ))}
    </>
  );
}

function Reason({ roundId, pointId }: { roundId: number; pointId: number }) {
  const t = useText();
  const [reason, setReason] = useState('');
  const send = async () => {
    await record('contest', { round_id: roundId, checkpoint_id: pointId, reason: reason.trim() });
    tell(t.contest.sent);
  };
  return (
    <>
      <TextArea
        label={t.contest.reason}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.target.value)}
      />
      <Button isLarge disabled={!reason.trim()} onClick={() => void send()}>
        {t.contest.send}
      </Button>
    </>
  );
}
