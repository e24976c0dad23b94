import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Answer } from '@/api/answers';
import { api, ask } from '@/api/client';

export type Health = Answer<'/api/v1/alarms/health'>;

export const DAYS = ['1', '7', '30', '365'] as const;
export type Days = (typeof DAYS)[number];

export function useHealth(days: Days, site: string, operators: number) {
  return useQuery({
    queryKey: ['alarms', 'health', days, site, operators],
    queryFn: () => {
      const to = new Date();
      const from = new Date(to.getTime() - Number(days) * 86_400_000);
      const query = {
        from: from.toISOString(),
        to: to.toISOString(),
        operators,
        ...(site && { site: Number(site) }),
      };
      return ask(api.GET('/api/v1/alarms/health', { params: { query } }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}
