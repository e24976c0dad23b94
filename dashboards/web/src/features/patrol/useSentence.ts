import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { readRule, WEEKDAYS } from '@/nouns/schedules/weekly';
import { useFormat } from '@/text/format';
import type { Route, ScheduleIn } from './planning';

export function useAllTeams() {
  return useQuery({
    queryKey: ['shifts', 'teams', 'all'],
    queryFn: () => ask(api.GET('/api/v1/teams')),
  });
}

/** A timetable as a person would say it. */
export function useSentence() {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const teams = useAllTeams().data?.items ?? [];
  const daysOf = (rule: string) => {
    const read = readRule(rule);
    if (!read) return rule;
    const days = read.days.map((day) => t(`patrol.schedule.weekday.${day}`)).join('、');
    if (read.every > 1) return t('patrol.schedule.everyWeeks', { count: read.every, days });
    return read.days.length === WEEKDAYS.length
      ? t('patrol.schedule.everyDay')
      : t('patrol.schedule.onWeekdays', { days });
  };
  return (one: Pick<ScheduleIn, 'rrule' | 'starts' | 'window_s' | 'team_id' | 'user_id'>, route?: Route) => {
    const team = teams.find((candidate) => candidate.id === one.team_id);
    const person = teams.flatMap((each) => each.members).find((each) => each.id === one.user_id);
    return t('patrol.schedule.sentence', {
      route: route ? label(route.name) : '…',
      days: daysOf(one.rrule),
      starts: one.starts.join(', '),
      window: duration(one.window_s * 1000),
      who: person?.display_name ?? (team ? label(team.name) : t('patrol.schedule.anyone')),
    });
  };
}
