import { useQuery } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';
import type { components } from '@/api/schema';

export type Outage = components['schemas']['OutageRead'];

/** Equipment that is out of service. */
export function useOutages() {
  return useQuery({
    queryKey: ['windows', 'outages'],
    queryFn: () => ask(api.GET('/api/v1/outages')),
  });
}

const SILENCED = ['windows', 'alarms'] as const;

export function useTakeOut(assetId: number) {
  return useChange(SILENCED, (body: { reason: string; until: string | null }) =>
    ask(
      api.POST('/api/v1/assets/{asset_id}/out-of-service', {
        params: { path: { asset_id: assetId } },
        body,
      }),
    ),
  );
}

export function usePutBack() {
  return useChange(SILENCED, (assetId: number) =>
    ask(api.POST('/api/v1/assets/{asset_id}/in-service', { params: { path: { asset_id: assetId } } })),
  );
}
