import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useMinute } from '@/live/clock';

export const QUICK_RANGES = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '14d': 336, '30d': 720 } as const;
export type QuickRange = keyof typeof QUICK_RANGES;

export interface Range {
  from: number;
  to: number;
  /** Set while the range follows the clock. */
  quick: QuickRange | null;
}

const HOUR_MS = 3_600_000;
const DEFAULT: QuickRange = '6h';

function isQuick(text: string | null): text is QuickRange {
  return text !== null && text in QUICK_RANGES;
}

/** The range an address asks for; nonsense gives the default. */
export function rangeOf(params: URLSearchParams, nowMs: number): Range {
  const from = Date.parse(params.get('from') ?? '');
  const to = Date.parse(params.get('to') ?? '');
  if (from < to) return { from, to, quick: null };
  const asked = params.get('range');
  const quick = isQuick(asked) ? asked : DEFAULT;
  const length = QUICK_RANGES[quick] * HOUR_MS;
  // Longer ranges move in longer steps: a new pixel's worth, not a new query a minute.
  const step = Math.max(60_000, length / 400);
  const end = Math.ceil(nowMs / step) * step;
  return { from: end - length, to: end, quick };
}

/** The range of the charts on this page, kept in its address. */
export function useRange() {
  const [params, setParams] = useSearchParams();
  const minute = useMinute();
  const range = useMemo(() => rangeOf(params, minute), [params, minute]);
  const pickQuick = useCallback(
    (quick: QuickRange) =>
      setParams(
        (now) => {
          now.delete('from');
          now.delete('to');
          now.set('range', quick);
          return now;
        },
        { preventScrollReset: true, flushSync: true },
      ),
    [setParams],
  );
  const pick = useCallback(
    (from: number, to: number) =>
      setParams(
        (now) => {
          now.delete('range');
          now.set('from', new Date(from).toISOString());
          now.set('to', new Date(Math.max(to, from + 1000)).toISOString());
          return now;
        },
        { preventScrollReset: true, flushSync: true },
      ),
    [setParams],
  );
  return { range, pick, pickQuick };
}
