import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';
import type { paths } from '@/api/schema';

export type Team = Item<'/api/v1/teams'>;
export type Shift = Team['shifts'][number];
export type Person = Team['members'][number];
export type Week = Answer<'/api/v1/shifts/week'>;
export type Working = Week['workings'][number];
export type Substitution = Item<'/api/v1/shifts/substitutions'>;
export type TeamWrite = PostBody<'/api/v1/teams'>;
export type ShiftWrite = PostBody<'/api/v1/teams/{team_id}/shifts'>;
export type CalendarDayWrite =
  paths['/api/v1/sites/{site_id}/calendar/{day}']['put']['requestBody']['content']['application/json'];

const MINUTE_MS = 60_000;

export function useTeams(site: number) {
  return useQuery({
    queryKey: ['shifts', 'teams', site],
    queryFn: () => ask(api.GET('/api/v1/teams', { params: { query: { site } } })),
  });
}

/** Seven days from ``first`` on; null: this week. Who is on now changes by itself. */
export function useWeek(site: number, first: string | null) {
  return useQuery({
    queryKey: ['shifts', 'week', site, first],
    queryFn: () =>
      ask(api.GET('/api/v1/shifts/week', { params: { query: { site, ...(first && { first }) } } })),
    refetchInterval: MINUTE_MS,
    placeholderData: keepPreviousData,
  });
}

export function useSubstitutions(site: number, first: string, last: string) {
  return useQuery({
    queryKey: ['shifts', 'substitutions', site, first, last],
    queryFn: () => ask(api.GET('/api/v1/shifts/substitutions', { params: { query: { site, first, last } } })),
  });
}

export function useCalendar(site: number, year: number) {
  return useQuery({
    queryKey: ['shifts', 'calendar', site, year],
    queryFn: () =>
      ask(
        api.GET('/api/v1/sites/{site_id}/calendar', { params: { path: { site_id: site }, query: { year } } }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function useSaveTeam() {
  return useChange(['shifts'], ({ id, body }: { id: number | null; body: TeamWrite }) =>
    id === null
      ? ask(api.POST('/api/v1/teams', { body }))
      : ask(api.PUT('/api/v1/teams/{team_id}', { params: { path: { team_id: id } }, body })),
  );
}

export function useDeleteTeam() {
  return useChange(['shifts'], (id: number) =>
    ask(api.DELETE('/api/v1/teams/{team_id}', { params: { path: { team_id: id } } })),
  );
}

export function useSaveShift() {
  return useChange(['shifts'], ({ id, team, body }: { id: number | null; team: number; body: ShiftWrite }) =>
    id === null
      ? ask(api.POST('/api/v1/teams/{team_id}/shifts', { params: { path: { team_id: team } }, body }))
      : ask(api.PUT('/api/v1/shifts/{shift_id}', { params: { path: { shift_id: id } }, body })),
  );
}

export function useDeleteShift() {
  return useChange(['shifts'], (id: number) =>
    ask(api.DELETE('/api/v1/shifts/{shift_id}', { params: { path: { shift_id: id } } })),
  );
}

export function useSubstitute() {
  return useChange(['shifts'], (body: PostBody<'/api/v1/shifts/substitutions'>) =>
    ask(api.POST('/api/v1/shifts/substitutions', { body })),
  );
}

export function useWithdrawSubstitution() {
  return useChange(['shifts'], (id: number) =>
    ask(
      api.DELETE('/api/v1/shifts/substitutions/{substitution_id}', {
        params: { path: { substitution_id: id } },
      }),
    ),
  );
}

export function useSetDay(site: number) {
  return useChange(['shifts'], ({ day, body }: { day: string; body: CalendarDayWrite | null }) => {
    const params = { path: { site_id: site, day } };
    return body
      ? ask(api.PUT('/api/v1/sites/{site_id}/calendar/{day}', { params, body }))
      : ask(api.DELETE('/api/v1/sites/{site_id}/calendar/{day}', { params }));
  });
}

export function useTakeOverCalendar(site: number) {
  return useChange(['shifts'], (key: string) =>
    ask(
      api.POST('/api/v1/sites/{site_id}/calendar/shipped/{key}', {
        params: { path: { site_id: site, key } },
      }),
    ),
  );
}
