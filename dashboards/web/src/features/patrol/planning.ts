import { useQuery } from '@tanstack/react-query';
import type { Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { type CheckpointIn, usePatrolWrite } from '@/nouns/patrol/queries';

export type Route = Item<'/api/v1/patrol/routes'>;
export type RouteIn = PostBody<'/api/v1/patrol/routes'>;
export type Schedule = Item<'/api/v1/patrol/schedules'>;
export type ScheduleIn = PostBody<'/api/v1/patrol/schedules'>;

export function useRoutes() {
  return useQuery({
    queryKey: ['patrol', 'routes'],
    queryFn: () => ask(api.GET('/api/v1/patrol/routes')),
  });
}

export function useSchedules() {
  return useQuery({
    queryKey: ['patrol', 'schedules'],
    queryFn: () => ask(api.GET('/api/v1/patrol/schedules')),
  });
}

export function useRouteCheck(id: number) {
  return useQuery({
    queryKey: ['patrol', 'route-check', id],
    queryFn: () => ask(api.GET('/api/v1/patrol/routes/{row_id}/check', { params: { path: { row_id: id } } })),
  });
}

export function useSaveCheckpoint() {
  return usePatrolWrite(({ id, body }: { id: number | null; body: CheckpointIn }) =>
    id === null
      ? ask(api.POST('/api/v1/patrol/checkpoints', { body }))
      : ask(api.PUT('/api/v1/patrol/checkpoints/{row_id}', { params: { path: { row_id: id } }, body })),
  );
}

export function useSaveRoute() {
  return usePatrolWrite(({ id, body }: { id: number | null; body: RouteIn }) =>
    id === null
      ? ask(api.POST('/api/v1/patrol/routes', { body }))
      : ask(api.PUT('/api/v1/patrol/routes/{row_id}', { params: { path: { row_id: id } }, body })),
  );
}

export function useSaveSchedule() {
  return usePatrolWrite(({ id, body }: { id: number | null; body: ScheduleIn }) =>
    id === null
      ? ask(api.POST('/api/v1/patrol/schedules', { body }))
      : ask(api.PUT('/api/v1/patrol/schedules/{row_id}', { params: { path: { row_id: id } }, body })),
  );
}

interface Spot {
  plan_id: number | null;
  x: number | null;
  y: number | null;
}

/** Metres along a walk, as far as its steps lie on one plan whose scale is known; null when none does. */
export function metresOf(walk: Spot[], scaleOf: (plan: number) => number | null): number | null {
  let metres: number | null = null;
  walk.forEach((to, index) => {
    const from = walk[index - 1];
    const scale = to.plan_id === null ? null : scaleOf(to.plan_id);
    if (!from || scale === null || from.plan_id !== to.plan_id) return;
    if (from.x === null || from.y === null || to.x === null || to.y === null) return;
    metres = (metres ?? 0) + (Math.hypot(to.x - from.x, to.y - from.y) * scale) / 1000;
  });
  return metres;
}

/** What a key may look like, for the browser's own check; the server says the same in more words. */
export const KEY_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.\\-]{0,63}';
