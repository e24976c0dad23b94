import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';

export type MaintenanceWindow = Item<'/api/v1/maintenance-windows'>;
export type WindowStates = 'current' | 'over';

export interface NewWindow {
  space_id?: number;
  asset_id?: number;
  disciplines: string[];
  life_safety: boolean;
  reason: string;
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

export function useOpenWindow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewWindow) => ask(api.POST('/api/v1/maintenance-windows', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['windows'] }),
  });
}

export function useEndWindow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      ask(api.POST('/api/v1/maintenance-windows/{window_id}/end', { params: { path: { window_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['windows'] }),
  });
}
