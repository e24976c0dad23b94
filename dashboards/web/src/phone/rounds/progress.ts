import type { Bundle, Checkpoint, Leg, Round } from '../api';
import type { LoggedEvent } from '../store/db';

/** A checkpoint of a round as the phone sees it: what the server knows and what is not sent yet. */
export interface Step {
  leg: Leg;
  checkpoint: Checkpoint | null;
  /** Scanned on this phone in this round, and not refused by the server. */
  scan: LoggedEvent | null;
  isDone: boolean;
  isMissed: boolean;
}

export interface Walk {
  round: Round;
  state: string;
  steps: Step[];
  next: Step | null;
  doneCount: number;
  /** Started on this phone and not yet finished and signed here, whatever the server calls it by now. */
  isOpenHere: boolean;
}

const OVER = new Set(['finished', 'incomplete', 'missed']);

/** A bundle, and when the server last said that it is current. */
export interface Known {
  bundle: Bundle;
  at_ms: number;
}

/** The round with what this phone has recorded laid over what the server said last. */
export function walkOf({ bundle, at_ms }: Known, round: Round, events: LoggedEvent[]): Walk {
  const own = events.filter((one) => one.event.payload.round_id === round.id);
  const steps = round.legs.map((leg) => stepOf(bundle, at_ms, leg, own));
  const next = steps.find((step) => !step.isDone && !step.isMissed) ?? null;
  const has = (kind: string) => own.some((one) => one.kind === kind && one.verdict?.status !== 'refused');
  return {
    round,
    state: stateOf(round, has),
    steps,
    next,
    doneCount: steps.filter((one) => one.isDone).length,
    isOpenHere: has('round_started') && !own.some((one) => one.kind === 'round_finished'),
  };
}

function stateOf(round: Round, has: (kind: string) => boolean): string {
  if (OVER.has(round.state)) return round.state;
  if (has('round_finished')) return 'finished';
  return round.state === 'due' && has('round_started') ? 'started' : round.state;
}

function stepOf(bundle: Bundle, atMs: number, leg: Leg, own: LoggedEvent[]): Step {
  const scan = own.findLast((one) => isScanOf(one, leg.checkpoint_id)) ?? null;
  // Until the server has judged a scan it counts here; from then on what the server says counts.
  const isUnjudged = scan !== null && (scan.sent_ms === null || scan.sent_ms > atMs);
  const isDone = leg.done || isUnjudged;
  return {
    leg,
    checkpoint: bundle.checkpoints.find((point) => point.id === leg.checkpoint_id) ?? null,
    scan,
    isDone,
    isMissed: !isDone && leg.state === 'missed',
  };
}

function isScanOf(one: LoggedEvent, checkpointId: number): boolean {
  return one.kind === 'scan' && !isRefused(one) && one.event.payload.checkpoint_id === checkpointId;
}

export function isRefused(one: LoggedEvent): boolean {
  return one.verdict?.status === 'refused' || one.verdict?.strength === 'refused';
}

/** Nothing is left to do in it. */
export function isOver(walk: Walk): boolean {
  return OVER.has(walk.state) && !walk.isOpenHere;
}
