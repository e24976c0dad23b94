import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';

export type Run = Answer<'/api/v1/rules/runs/{run_id}'>;
export type Variant = NonNullable<Run['result']>['variants'] extends (infer V)[] | undefined ? V : never;
export type Model = Answer<'/api/v1/rules/{rule_id}/models'>[number];
export type RunWanted = PostBody<'/api/v1/rules/{rule_id}/runs'>;
export type NewRule = PostBody<'/api/v1/rules'>;

const POLL_MS = 700;

export function useRule(id: number) {
  return useQuery({
    queryKey: ['rules', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/rules/{rule_id}', { params: { path: { rule_id: id } } })),
  });
}

/** Back-tests and trainings; asked again while one of them is under way. */
export function useRuns(rule: number) {
  return useQuery({
    queryKey: ['rules', 'runs', rule],
    queryFn: () => ask(api.GET('/api/v1/rules/{rule_id}/runs', { params: { path: { rule_id: rule } } })),
    refetchInterval: (query) =>
      query.state.data?.some((run) => run.status === 'queued' || run.status === 'running') ? POLL_MS : false,
  });
}

export function useModels(rule: number) {
  return useQuery({
    queryKey: ['rules', 'models', rule],
    queryFn: () => ask(api.GET('/api/v1/rules/{rule_id}/models', { params: { path: { rule_id: rule } } })),
  });
}

export function useAskForRun(rule: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RunWanted) =>
      ask(api.POST('/api/v1/rules/{rule_id}/runs', { params: { path: { rule_id: rule } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['rules', 'runs', rule] }),
  });
}

export function useNoteSeen() {
  return useMutation({
    mutationFn: (run: number) =>
      ask(api.POST('/api/v1/rules/runs/{run_id}/seen', { params: { path: { run_id: run } } })),
  });
}

export function useActivate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (model: number) =>
      ask(api.POST('/api/v1/rules/models/{model_id}/activate', { params: { path: { model_id: model } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['rules'] }),
  });
}

export function useCreateRule() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewRule) => ask(api.POST('/api/v1/rules', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['rules'] }),
  });
}

/** What is wrong with a condition, while it is being written. */
export function useProblems(profile: string, assetId: number | null, condition: object) {
  const text = JSON.stringify(condition);
  return useQuery({
    queryKey: ['rules', 'check', profile, assetId, text],
    queryFn: () =>
      ask(
        api.POST('/api/v1/rules/check', {
          body: { profile, asset_id: assetId, condition: condition as Record<string, never> },
        }),
      ),
    select: (answer) => answer.problems,
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}
