import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { type Asset, assetsQuery, useAssets } from '@/nouns/assets/queries';
import { bySeverity, type Severity } from '@/ui/severity';

export const PAGE = 50;
/** Ids in one question, well below what an address may hold. */
const AT_ONCE = 200;

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
  const ids = Object.entries(summary ?? {})
    .sort(([, a], [, b]) => bySeverity(a.worst, b.worst))
    .map(([id]) => Number(id));
  const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, i) =>
    ids.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  const found = useQueries({
    queries: (filter.isAbnormal ? parts : []).map((part) =>
      assetsQuery({
        id: part,
        limit: AT_ONCE,
        offset: 0,
        ...(filter.q && { q: filter.q }),
        ...(filter.profile && { profile: filter.profile }),
        ...(filter.space && { space: Number(filter.space) }),
      }),
    ),
    combine: (queries) =>
      queries.some((query) => query.isPending)
        ? undefined
        : queries.flatMap((query) => query.data?.items ?? []),
  });
  const order = ids.join();
  return useMemo(() => {
    if (!summary || !found) return undefined;
    const places = new Map(order.split(',').map((id, place) => [Number(id), place]));
    return found.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0));
  }, [found, summary, order]);
}
