import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Answer, Item } from '@/api/answers';
import { api, ask } from '@/api/client';
import { after, BY_CURSOR, useChange } from '@/api/queries';
import { bySeverity, type Severity } from '@/ui/severity';

export type Alarm = Item<'/api/v1/alarms'>;
export type AlarmDetail = Answer<'/api/v1/alarms/{alarm_id}'>;
export type Fact = Alarm['facts'][number];
export type AlarmStates = 'open' | 'unacknowledged' | 'normal' | 'all';

export type AvailabilityKind = Alarm['availability']['kind'];

export interface AlarmFilter {
  state: AlarmStates;
  asset?: number;
  severity?: Severity;
  availability?: AvailabilityKind;
  note?: 'stale' | 'chattering';
  /** Only those that belong to this incident. */
  incident?: number;
}

const PAGE = 500;

export function useAlarmSummary() {
  return useQuery({
    queryKey: ['alarms', 'summary'],
    queryFn: () => ask(api.GET('/api/v1/alarms/summary')),
    refetchInterval: 60_000,
  });
}

/** The first page of a list, for panels. */
export function useAlarms(filter: AlarmFilter & { limit: number }) {
  return useQuery({
    queryKey: ['alarms', 'list', filter],
    queryFn: () => ask(api.GET('/api/v1/alarms', { params: { query: filter } })),
    placeholderData: keepPreviousData,
  });
}

/** All pages of a list, one after the other. */
export function useAlarmPages(filter: AlarmFilter) {
  return useInfiniteQuery({
    queryKey: ['alarms', 'pages', filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/alarms', {
          params: { query: { ...filter, limit: PAGE, ...after(pageParam) } },
        }),
      ),
    ...BY_CURSOR,
    placeholderData: keepPreviousData,
  });
}

export function useAlarm(id: number | null) {
  return useQuery({
    queryKey: ['alarms', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/alarms/{alarm_id}', { params: { path: { alarm_id: id ?? 0 } } })),
    enabled: id !== null,
  });
}

export function useAcknowledge() {
  return useChange(['alarms', 'incidents'], (body: { ids: number[]; comment?: string }) =>
    ask(api.POST('/api/v1/alarms/acknowledge', { body })),
  );
}

export function useShelve() {
  return useChange(
    ['alarms'],
    (body: { ids: number[]; ends_at: string; reason: string; confirm_life_safety: boolean }) =>
      ask(api.POST('/api/v1/alarms/shelve', { body })),
  );
}

export function useUnshelve(id: number) {
  return useChange(['alarms'], () =>
    ask(api.POST('/api/v1/alarms/{alarm_id}/unshelve', { params: { path: { alarm_id: id } } })),
  );
}

export function useReset(id: number) {
  return useChange(['alarms'], () =>
    ask(api.POST('/api/v1/alarms/{alarm_id}/reset', { params: { path: { alarm_id: id } }, body: {} })),
  );
}

/** Whether nobody has confirmed yet to have seen it, whatever the sensor says by now. */
export function isUnseen(alarm: Pick<Alarm, 'state'>): boolean {
  return alarm.state === 'unacknowledged' || alarm.state === 'returned';
}

/** Whether the condition stands now; a returned alarm only waits to be seen. */
export function isActive(alarm: Pick<Alarm, 'state'>): boolean {
  return alarm.state === 'unacknowledged' || alarm.state === 'acknowledged';
}

/** Standing before returned, worst first, newest first. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    Number(isActive(b)) - Number(isActive(a)) ||
    bySeverity(a.severity, b.severity) ||
    Date.parse(b.raised_at) - Date.parse(a.raised_at)
  );
}
