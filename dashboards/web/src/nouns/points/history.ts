import { useQuery } from '@tanstack/react-query';
import type { Answer } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useMinute } from '@/live/clock';

export type History = Answer<'/api/v1/points/{point_id}/history'>;

const HOUR_MS = 3_600_000;
/** Old history may be kept once a minute, whatever the interval of the point. */
const SHORTEST_GAP_MS = 90_000;

export function historyQuery(id: number, fromMs: number, toMs: number, maxSamples: number) {
  return {
    queryKey: ['history', id, fromMs, toMs, maxSamples],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      // openapi-fetch gives tuples as plain arrays.
      ask(
        api.GET('/api/v1/points/{point_id}/history', {
          params: {
            path: { point_id: id },
            query: {
              from: new Date(fromMs).toISOString(),
              to: new Date(toMs).toISOString(),
              max_samples: maxSamples,
            },
          },
          signal,
        }),
      ) as Promise<History>,
    staleTime: 60_000,
    gcTime: 2 * 60_000,
  };
}

/** How long no sample may come before the line is broken, ms. */
export function gapMs(history: History, intervalS: number): number {
  const bucket = { raw: 0, minute: 60_000, hour: HOUR_MS }[history.resolution];
  const steps = history.samples.slice(1).map((sample, i) => sample[0] - (history.samples[i]?.[0] ?? 0));
  const usual = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return Math.max(SHORTEST_GAP_MS, 3 * intervalS * 1000, 2.5 * bucket, 2.5 * usual);
}

/** One number of each sample, with nulls where nothing was measured. */
export function withGaps(history: History, intervalS: number, pick: Pick): [number, number | null][] {
  const longest = gapMs(history, intervalS);
  const line: [number, number | null][] = [];
  let before = Number.POSITIVE_INFINITY;
  for (const sample of history.samples) {
    if (sample[0] - before > longest) line.push([before + 1, null]);
    line.push([sample[0], pick(sample)]);
    before = sample[0];
  }
  return line;
}

type Pick = (sample: History['samples'][number]) => number | null;

const mean: Pick = ([, , , value]) => value;
/** The mean of two states is no state. */
const last: Pick = ([, , , , value]) => (typeof value === 'number' ? value : null);

/** What is drawn of each sample of a point: the mean of a measured value, the last of a state. */
export function drawnOf(point: { kind: string }): Pick {
  return point.kind === 'analog' || point.kind === 'counter' ? mean : last;
}

/** The last hour of one point, for a sparkline; asked again once a minute. */
export function useLastHour(point: { id: number; kind: string; interval_s: number }, isWanted = true) {
  const to = useMinute() + 60_000;
  const from = to - HOUR_MS;
  const query = useQuery({
    ...historyQuery(point.id, from, to, 60),
    enabled: isWanted,
    placeholderData: (before: History | undefined) => before,
  });
  return { from, to, samples: query.data ? withGaps(query.data, point.interval_s, drawnOf(point)) : [] };
}
