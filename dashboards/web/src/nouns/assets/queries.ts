import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Answer, Item } from '@/api/answers';
import { api, ask } from '@/api/client';

export type Asset = Item<'/api/v1/assets'>;
export type AssetDetail = Answer<'/api/v1/assets/{asset_id}'>;
export type Point = AssetDetail['points'][number];
export type Space = Item<'/api/v1/spaces'>;

const SELDOM_MS = 5 * 60_000;

export interface AssetFilter {
  /** Only these. */
  id?: number[];
  profile?: string;
  space?: number;
  q?: string;
  limit: number;
  offset: number;
}

export function assetsQuery(filter: AssetFilter) {
  return {
    queryKey: ['assets', 'list', filter],
    queryFn: () => ask(api.GET('/api/v1/assets', { params: { query: filter } })),
    staleTime: SELDOM_MS,
  };
}

export function useAssets(filter: AssetFilter) {
  return useQuery({ ...assetsQuery(filter), placeholderData: keepPreviousData });
}

export function assetQuery(id: number) {
  return {
    queryKey: ['assets', 'one', id],
    // openapi-fetch gives tuples as plain arrays.
    queryFn: () =>
      ask(
        api.GET('/api/v1/assets/{asset_id}', { params: { path: { asset_id: id } } }),
      ) as Promise<AssetDetail>,
    staleTime: SELDOM_MS,
  };
}

/** One asset; null: none is chosen yet. */
export function useAsset(id: number | null) {
  return useQuery({ ...assetQuery(id ?? 0), enabled: id !== null });
}

export function useSpaces() {
  return useQuery({
    queryKey: ['assets', 'spaces'],
    queryFn: () => ask(api.GET('/api/v1/spaces')),
    staleTime: SELDOM_MS,
    select: (spaces) => spaces.items,
  });
}

export function useProfiles() {
  return useQuery({
    queryKey: ['assets', 'profiles'],
    queryFn: () => ask(api.GET('/api/v1/profiles')),
    staleTime: SELDOM_MS,
    select: (profiles) => profiles.items,
  });
}

/** The building (or, without one, the site) each space lies in. */
export function buildingsOf(spaces: Space[]): Map<number, Space> {
  const known = new Map(spaces.map((space) => [space.id, space]));
  const building = (space: Space): Space => {
    const parent = space.parent_id === null ? undefined : known.get(space.parent_id);
    return space.kind === 'building' || !parent ? space : building(parent);
  };
  return new Map(spaces.map((space) => [space.id, building(space)]));
}

/** A type of asset with its points. */
export function useProfile(key: string) {
  return useQuery({
    queryKey: ['assets', 'profile', key],
    queryFn: () => ask(api.GET('/api/v1/profiles/{key}', { params: { path: { key } } })),
    staleTime: SELDOM_MS,
    enabled: key !== '',
  });
}
