import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';
import type { paths } from '@/api/schema';

export type Rule = Item<'/api/v1/rules'>;
export type RuleChange =
  paths['/api/v1/rules/{rule_id}']['patch']['requestBody']['content']['application/json'];
type Filter = NonNullable<paths['/api/v1/rules']['get']['parameters']['query']>;
export type RuleStanding = NonNullable<Filter['standing']>;

const SELDOM_MS = 60_000;
/** More than a type and one of its assets have together. */
const OF_ONE_ASSET = 500;

/** One page of rules. */
export function useRules(filter: Filter) {
  return useQuery({
    queryKey: ['rules', 'list', filter],
    queryFn: () => ask(api.GET('/api/v1/rules', { params: { query: filter } })),
    staleTime: SELDOM_MS,
    placeholderData: keepPreviousData,
  });
}

/** All rules that watch an asset: its own, and its type's. */
export function useRulesOf(asset: number) {
  return useQuery({
    queryKey: ['rules', 'of', asset],
    queryFn: () => ask(api.GET('/api/v1/rules', { params: { query: { asset, limit: OF_ONE_ASSET } } })),
    staleTime: SELDOM_MS,
    select: (rules) => rules.items,
  });
}

export function useChangeRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: RuleChange & { id: number }) =>
      ask(api.PATCH('/api/v1/rules/{rule_id}', { params: { path: { rule_id: id } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['rules'] }),
  });
}
