import { useQuery } from '@tanstack/react-query';
import type { Answer } from '@/api/answers';
import { api, ask } from '@/api/client';
import type { Span } from './months';

export type Kpi = Answer<'/api/v1/reports/patrol'>;
export type Group = Kpi['groups'][number];
export type Rates = Group['rates'];
export type Visits = Answer<'/api/v1/reports/patrol/visits'>[number];

/** Not under the noun 'patrol': every scan tells of a change there, and a year is not counted again for it. */
const KEY = 'reports';
const SELDOM_MS = 5 * 60_000;

export function useRates(
  by: 'route' | 'person' | 'month',
  site: number,
  span: Span,
  { isWanted = true } = {},
) {
  return useQuery({
    queryKey: [KEY, 'patrol', by, site, span.from, span.to],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/reports/patrol', { params: { query: { by, site, ...span } } })),
    staleTime: SELDOM_MS,
  });
}

export function useVisits(site: number, span: Span) {
  return useQuery({
    queryKey: [KEY, 'visits', site, span.from, span.to],
    queryFn: () => ask(api.GET('/api/v1/reports/patrol/visits', { params: { query: { site, ...span } } })),
    staleTime: SELDOM_MS,
  });
}
