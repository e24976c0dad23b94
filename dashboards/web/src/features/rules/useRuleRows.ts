import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { type RuleStanding, useRules } from '@/nouns/rules/queries';

export const PAGE = 50;
export const STANDINGS: RuleStanding[] = ['on', 'off', 'broken'];

interface Filter {
  q: string;
  profile: string;
  standing: RuleStanding | undefined;
}

function readFilter(params: URLSearchParams): Filter {
  return {
    q: params.get('q') ?? '',
    profile: params.get('type') ?? '',
    standing: STANDINGS.find((known) => known === params.get('which')),
  };
}

function writeFilter({ q, profile, standing }: Filter): Record<string, string> {
  const all = { q, type: profile, which: standing ?? '' };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

/** One page of rules; filter and page stand in the address. */
export function useRuleRows() {
  const [params, setParams] = useSearchParams();
  const filter = readFilter(params);
  const offset = Math.max(0, Number(params.get('offset')) || 0);
  const query = useRules({
    limit: PAGE,
    offset,
    ...(filter.q && { q: filter.q }),
    ...(filter.profile && { profile: filter.profile }),
    ...(filter.standing && { standing: filter.standing }),
  });
  const change = useCallback(
    (part: Partial<Filter>) =>
      setParams((now) => writeFilter({ ...readFilter(now), ...part }), { replace: true, flushSync: true }),
    [setParams],
  );
  const turn = useCallback(
    (next: number) => setParams((now) => ({ ...writeFilter(readFilter(now)), offset: String(next) })),
    [setParams],
  );
  return { filter, change, turn, offset, query };
}
