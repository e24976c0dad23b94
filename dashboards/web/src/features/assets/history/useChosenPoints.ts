import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { AssetDetail, Point } from '@/nouns/assets/queries';

/** More lines than this cannot be told apart. */
export const MOST_POINTS = 5;

/** The points on the chart, kept in the page's address. */
export function useChosenPoints(asset: AssetDetail) {
  const [params, setParams] = useSearchParams();
  const named = params.get('points') ?? '';
  const points = useMemo(() => {
    const ids = named.split(',').map(Number);
    return ids
      .flatMap((id): Point[] => asset.points.filter((point) => point.id === id))
      .slice(0, MOST_POINTS);
  }, [named, asset]);
  const toggle = useCallback(
    (point: Point, before: Point[]) =>
      setParams(
        (now) => {
          const isShown = before.some((other) => other.id === point.id);
          const next = isShown ? before.filter((other) => other.id !== point.id) : [...before, point];
          now.set(
            'points',
            next
              .slice(-MOST_POINTS)
              .map((other) => other.id)
              .join(','),
          );
          return now;
        },
        { preventScrollReset: true, replace: true, flushSync: true },
      ),
    [setParams],
  );
  return { points, toggle };
}
