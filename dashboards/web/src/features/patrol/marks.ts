import type { Leg, Round } from '@/nouns/patrol/queries';

export type LegState = 'pending' | 'done' | 'late' | 'missed' | 'excused' | 'overdue' | 'waiting';
export type RoundState = 'due' | 'started' | 'suspended' | 'finished' | 'incomplete' | 'missed' | 'late';

/** What a checkpoint of a round looks like now: while the round is suspended nothing of it is late. */
export function legState(leg: Leg, round: Pick<Round, 'state'>): LegState {
  if (leg.state === 'done' || leg.state === 'late') return leg.state;
  if (leg.state === 'missed' || leg.state === 'excused') return leg.state;
  if (round.state === 'suspended') return 'waiting';
  return leg.is_overdue ? 'overdue' : 'pending';
}

export function roundState(round: Round): RoundState {
  const known = ['due', 'started', 'suspended', 'finished', 'incomplete', 'missed'] as const;
  const state = known.find((one) => one === round.state) ?? 'due';
  return round.late_since && (state === 'due' || state === 'started') ? 'late' : state;
}

/** The first checkpoint that is still to be visited. */
export function nextLeg(round: Round): Leg | undefined {
  return round.legs.find((leg) => leg.state === 'pending');
}

/** Where a checkpoint stands in time: when it was visited, else when it is due; null where neither is known. */
export function legAt(leg: Leg): number | null {
  const at = leg.done_at ?? leg.due_at;
  return at === null ? null : Date.parse(at);
}

export interface Row {
  key: string;
  name: string;
  lanes: Round[][];
}

/** Rounds side by side where they do not overlap, one below the other where they do. */
export function lanesOf(rounds: Round[]): Round[][] {
  const lanes: Round[][] = [];
  for (const round of rounds) {
    const free = lanes.find((lane) => {
      const last = lane.at(-1);
      return last === undefined || Date.parse(last.window_ends_at) <= Date.parse(round.starts_at);
    });
    if (free) free.push(round);
    else lanes.push([round]);
  }
  return lanes;
}

/** One row for each name, in the order in which they first appear. */
export function rowsOf(rounds: Round[], nameOf: (round: Round) => { key: string; name: string }): Row[] {
  const rows = new Map<string, { name: string; rounds: Round[] }>();
  for (const round of rounds) {
    const { key, name } = nameOf(round);
    const row = rows.get(key) ?? { name, rounds: [] };
    row.rounds.push(round);
    rows.set(key, row);
  }
  return [...rows].map(([key, row]) => ({ key, name: row.name, lanes: lanesOf(row.rounds) }));
}
