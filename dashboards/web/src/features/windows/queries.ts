import { useQuery } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';

export type MaintenanceWindow = Item<'/api/v1/maintenance-windows'>;
export type WindowStates = 'current' | 'over';

export interface NewWindow {
  space_id?: number;
  asset_id?: number;
  disciplines: string[];
  life_safety: boolean;
  reason: string;
  owner_id?: number;
  starts_at?: string;
  ends_at: string;
}

export function useWindows(state: WindowStates) {
  return useQuery({
    queryKey: ['windows', state],
    queryFn: () => ask(api.GET('/api/v1/maintenance-windows', { params: { query: { state, limit: 200 } } })),
    refetchInterval: 60_000,
  });
}

const SILENCED = ['windows', 'alarms'] as const;

export function useOpenWindow() {
  return useChange(SILENCED, (body: NewWindow) => ask(api.POST('/api/v1/maintenance-windows', { body })));
}

const path = (id: number) => ({ params: { path: { window_id: id } } });

export function useEndWindow() {
  return useChange(SILENCED, (id: number) =>
    ask(api.POST('/api/v1/maintenance-windows/{window_id}/end', path(id))),
  );
}

export function useExtendWindow(id: number) {
  return useChange(SILENCED, (body: { ends_at: string; reason: string }) =>
    ask(api.POST('/api/v1/maintenance-windows/{window_id}/extend', { ...path(id), body })),
  );
}
