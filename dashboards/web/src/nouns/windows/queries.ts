import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import type { components } from '@/api/schema';

export type Outage = components['schemas']['OutageRead'];

/** Equipment that is out of service. */
export function useOutages() {
  return useQuery({
    queryKey: ['windows', 'outages'],
    queryFn: () => ask(api.GET('/api/v1/outages')),
  });
}

function useOutageChange<T>(mutationFn: (body: T) => Promise<Outage>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['windows'] }),
        client.invalidateQueries({ queryKey: ['alarms'] }),
      ]),
  });
}

export function useTakeOut(assetId: number) {
  return useOutageChange((body: { reason: string; until: string | null }) =>
    ask(
      api.POST('/api/v1/assets/{asset_id}/out-of-service', {
        params: { path: { asset_id: assetId } },
        body,
      }),
    ),
  );
}

export function usePutBack() {
  return useOutageChange((assetId: number) =>
    ask(api.POST('/api/v1/assets/{asset_id}/in-service', { params: { path: { asset_id: assetId } } })),
  );
}
