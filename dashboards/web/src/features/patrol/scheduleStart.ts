import dayjs from 'dayjs';
import { type Repeat, readRule } from '@/nouns/schedules/weekly';
import type { Route, Schedule, ScheduleIn } from './planning';

const HOUR_S = 3600;

/** What the form shows first: the timetable as it is, or an ordinary new one. */
export function startOf(schedule: Schedule | null, routes: Route[]) {
  const one = schedule ?? blank(routes);
  return {
    route: String(one.route_id),
    repeat: readRule(one.rrule) as Repeat | null,
    rule: one.rrule,
    starts: one.starts.join(' '),
    minutes: String(one.window_s / 60),
    days: one.days as NonNullable<ScheduleIn['days']>,
    from: one.valid_from,
    to: one.valid_to ?? '',
    team: String(one.team_id ?? ''),
    person: String(one.user_id ?? ''),
    isOn: one.enabled,
  };
}

function blank(routes: Route[]): Omit<Schedule, 'id'> {
  return {
    route_id: routes[0]?.id ?? 0,
    rrule: 'FREQ=DAILY',
    starts: ['20:00'],
    window_s: HOUR_S,
    days: 'any',
    valid_from: dayjs().format('YYYY-MM-DD'),
    valid_to: null,
    team_id: null,
    user_id: null,
    enabled: true,
  };
}

/** Whether a round that starts then ends on the next day. */
export function isPastMidnight(starts: string, window_s: number): boolean {
  const [hours = 0, minutes = 0] = starts.split(':').map(Number);
  return hours * HOUR_S + minutes * 60 + window_s > 24 * HOUR_S;
}
