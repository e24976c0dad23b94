/** Times of the week, in the site's time. An end that is not after the start is on the next day. */
export interface Window {
  days?: string[];
  start?: string;
  end?: string;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

const SHORTEST_RUN = 3;

/** With what may be left out; days in the order of the week. */
export function fullWindow(window: Window): { days: Day[]; start: string; end: string } {
  const said = window.days ?? DAYS;
  return {
    days: DAYS.filter((day) => said.includes(day)),
    start: window.start ?? '00:00',
    end: window.end ?? '24:00',
  };
}

export function windowsOf(value: unknown): Window[] {
  return Array.isArray(value) ? (value as Window[]) : [];
}

/** Days that follow one another, as [first, last]; fewer than three stand by themselves. */
export function runsOf(days: readonly Day[]): [Day, Day][] {
  const runs: Day[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last && DAYS.indexOf(last.at(-1) as Day) + 1 === DAYS.indexOf(day)) last.push(day);
    else runs.push([day]);
  }
  return runs.flatMap((run): [Day, Day][] =>
    run.length < SHORTEST_RUN ? run.map((day) => [day, day]) : [[run[0] as Day, run.at(-1) as Day]],
  );
}

/** Midnight at the end of a day is 24:00 in a condition and 00:00 in a time field. */
export const asField = (clock: string) => (clock === '24:00' ? '00:00' : clock);
export const asEnd = (field: string) => (field === '00:00' ? '24:00' : field);
