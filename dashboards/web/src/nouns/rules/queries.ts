import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';
import type { paths } from '@/api/schema';

export type Rule = Item<'/api/v1/rules'>;
export type RuleChange =
  paths['/api/v1/rules/{rule_id}']['patch']['requestBody']['content']['application/json'];

export function useRules(profile?: string) {
  return useQuery({
    queryKey: ['rules', 'list', profile ?? ''],
    queryFn: () => ask(api.GET('/api/v1/rules', { params: { query: profile ? { profile } : {} } })),
    staleTime: 60_000,
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
