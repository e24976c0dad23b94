import { useQuery } from '@tanstack/react-query';
import { useMinute } from '@/live/clock';
import { useReading } from '@/live/hooks';
import type { Point } from '@/nouns/assets/queries';
import { historyQuery } from '@/nouns/points/history';

const DAY_MS = 86_400_000;
const UNKNOWN = { lowest: 1, highest: 10 };

/** The floors a car was seen at in the last two days; nothing else says how many the building has. */
export function useFloors(point: Point | undefined): { lowest: number; highest: number } {
  const to = Math.ceil(useMinute() / DAY_MS) * DAY_MS;
  const reading = useReading(point?.id);
  const query = useQuery({
    ...historyQuery(point?.id ?? 0, to - 3 * DAY_MS, to, 200),
    enabled: point !== undefined,
    staleTime: DAY_MS,
  });
  const seen = (query.data?.samples ?? []).flatMap(([, min, max, , last]) =>
    [min, max, last].filter((value) => typeof value === 'number'),
  );
  if (typeof reading?.value === 'number') seen.push(reading.value);
  if (!seen.length) return UNKNOWN;
  const lowest = Math.round(Math.min(...seen));
  return { lowest, highest: Math.round(Math.max(...seen, lowest + 5)) };
}
