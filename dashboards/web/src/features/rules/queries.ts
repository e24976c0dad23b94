import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';

export type Run = Answer<'/api/v1/rules/runs/{run_id}'>;
export type Variant = NonNullable<Run['result']>['variants'] extends (infer V)[] | undefined ? V : never;
export type Model = Answer<'/api/v1/rules/{rule_id}/models'>[number];
export type RunWanted = PostBody<'/api/v1/rules/{rule_id}/runs'>;
export type NewRule = PostBody<'/api/v1/rules'>;

const POLL_MS = 700;

export const isUnderWay = (run: Run) => run.status === 'queued' || run.status === 'running';

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
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? POLL_MS : false),
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

/** A rule of a set, and its run or why it has none. */
export interface Started {
  rule: number;
  run?: number;
  error?: unknown;
}

/** Ask for the same run of several rules, one after the other; one that is refused does not stop the others. */
export function useAskForSet() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ rules, body }: { rules: number[]; body: RunWanted }) => {
      const started: Started[] = [];
      for (const rule of rules) {
        const path = { rule_id: rule };
        try {
          const run = await ask(api.POST('/api/v1/rules/{rule_id}/runs', { params: { path }, body }));
          started.push({ rule, run: run.id });
        } catch (error) {
          started.push({ rule, error });
        }
      }
      return started;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['rules', 'runs'] }),
  });
}

/** Runs by their numbers; each is asked for again while it is under way. */
export function useRunsOf(ids: number[]): Map<number, Run> {
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['rules', 'run', id],
      queryFn: () => ask(api.GET('/api/v1/rules/runs/{run_id}', { params: { path: { run_id: id } } })),
      refetchInterval: (query: { state: { data?: Run | undefined } }) =>
        query.state.data && !isUnderWay(query.state.data) ? (false as const) : POLL_MS,
    })),
  });
  return new Map(found.flatMap(({ data }) => (data ? [[data.id, data]] : [])));
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
