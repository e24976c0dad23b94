import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { type Asset, assetQuery, useAssets, useSpaces } from '@/nouns/assets/queries';
import { bySeverity, type Severity } from '@/ui/severity';

export const PAGE = 50;
/** The abnormal ones are looked up one by one; more than this at once is a storm, better read on the alarms page. */
const MOST_ABNORMAL = 100;

export interface AssetRow {
  asset: Asset;
  worst: Severity | undefined;
  open: number;
}

export interface Filter {
  q: string;
  profile: string;
  space: string;
  isAbnormal: boolean;
}

function readFilter(params: URLSearchParams): Filter {
  return {
    q: params.get('q') ?? '',
    profile: params.get('type') ?? '',
    space: params.get('space') ?? '',
    isAbnormal: params.get('which') === 'abnormal',
  };
}

function writeFilter(filter: Filter): Record<string, string> {
  const all = {
    q: filter.q,
    type: filter.profile,
    space: filter.space,
    which: filter.isAbnormal ? 'abnormal' : '',
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** One page of assets with their alarms; filter and page stand in the address. */
export function useAssetRows() {
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const offset = Math.max(0, Number(params.get('offset')) || 0);
  const summary = useAlarmSummary().data?.assets;
  const listed = useAssets({
    limit: PAGE,
    offset,
    ...(filter.q && { q: filter.q }),
    ...(filter.profile && { profile: filter.profile }),
    ...(filter.space && { space: Number(filter.space) }),
  });
  const abnormal = useAbnormal(filter, summary);
  const withAlarms = (asset: Asset): AssetRow => {
    const alarms = summary?.[String(asset.id)];
    return { asset, worst: alarms?.worst, open: alarms?.open ?? 0 };
  };
  const data = filter.isAbnormal
    ? abnormal && { rows: abnormal.slice(offset, offset + PAGE).map(withAlarms), total: abnormal.length }
    : listed.data && { rows: listed.data.items.map(withAlarms), total: listed.data.total };
  const change = useCallback(
    (part: Partial<Filter>) =>
      setParams((now) => writeFilter({ ...readFilter(now), ...part }), { replace: true, flushSync: true }),
    [setParams],
  );
  const turn = useCallback(
    (next: number) => setParams((now) => ({ ...writeFilter(readFilter(now)), offset: String(next) })),
    [setParams],
  );
  return { filter, change, turn, offset, query: { ...listed, data } };
}

/** The assets with open alarms that the filter lets through, worst first. */
function useAbnormal(
  filter: Filter,
  summary: Record<string, { worst: Severity }> | undefined,
): Asset[] | undefined {
  const spaces = useSpaces().data;
  const ids = Object.entries(summary ?? {})
    .sort(([, a], [, b]) => bySeverity(a.worst, b.worst))
    .slice(0, MOST_ABNORMAL)
    .map(([id]) => Number(id));
  const found = useQueries({
    queries: (filter.isAbnormal ? ids : []).map((id) => assetQuery(id)),
    combine: (queries) =>
      queries.some((query) => query.isPending) ? undefined : queries.flatMap((q) => q.data ?? []),
  });
  return useMemo(() => {
    if (!summary) return undefined;
    const parents = new Map(spaces?.map((space) => [space.id, space.parent_id]));
    const isInside = (space: number | null | undefined): boolean =>
      space != null && (space === Number(filter.space) || isInside(parents.get(space)));
    return found?.filter(
      (asset) =>
        (!filter.profile || asset.profile === filter.profile) &&
        (!filter.space || isInside(asset.space_id)) &&
        `${asset.key} ${asset.name.en} ${asset.name.zh}`.toLowerCase().includes(filter.q.toLowerCase()),
    );
  }, [found, summary, spaces, filter.profile, filter.space, filter.q]);
}
