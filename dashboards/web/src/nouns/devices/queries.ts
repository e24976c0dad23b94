import { useQuery } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';

export type AssetDevice = Item<'/api/v1/assets/{asset_id}/devices'>;
export type Presence = Pick<AssetDevice, 'state' | 'since' | 'last_message_at'>;
export type PresenceState = Presence['state'];

export const PRESENCE_STATES: PresenceState[] = ['online', 'offline', 'silent', 'never'];

/** A device that falls silent tells nobody: ask again so often. */
export const ASK_AGAIN_MS = 10_000;

/** The devices that an asset's values come from. */
export function useDevicesOfAsset(assetId: number) {
  return useQuery({
    queryKey: ['devices', 'of-asset', assetId],
    queryFn: () =>
      ask(api.GET('/api/v1/assets/{asset_id}/devices', { params: { path: { asset_id: assetId } } })),
    select: (page) => page.items,
    refetchInterval: ASK_AGAIN_MS,
  });
}
