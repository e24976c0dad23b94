import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';

export type Round = Item<'/api/v1/patrol/rounds'>;
export type Leg = Round['legs'][number];
export type RoundDetail = Answer<'/api/v1/patrol/rounds/{row_id}'>;
export type Scan = RoundDetail['scans'][number];
export type Where = Answer<'/api/v1/patrol/where'>[number];
export type Exception = Item<'/api/v1/patrol/exceptions'>;
export type Contest = Item<'/api/v1/patrol/contests'>;
export type Checkpoint = Item<'/api/v1/patrol/checkpoints'>;
export type Plan = Item<'/api/v1/patrol/plans'>;
export type FireWatch = Item<'/api/v1/patrol/fire-watches'>;
export type Sos = Item<'/api/v1/patrol/sos'>;
export type Form = Item<'/api/v1/forms'>;
export type FormItem = Form['items'][number];
export type FindingOfRound = Item<'/api/v1/patrol/findings'>;
export type CheckpointIn = PostBody<'/api/v1/patrol/checkpoints'>;
export type SettledAs = PostBody<'/api/v1/patrol/exceptions/{row_id}/settle'>['settled_as'];
export type TagKind = Checkpoint['least_tag'];

const SELDOM_MS = 60_000;
/** What depends on the time alone (late, missed) is looked at without a hint as well. */
const LOOK_AGAIN_MS = 30_000;

export function useRounds(from: number, to: number, site: number | null) {
  return useQuery({
    queryKey: ['patrol', 'rounds', from, to, site],
    queryFn: () =>
      ask(
        api.GET('/api/v1/patrol/rounds', {
          params: {
            query: {
              from: new Date(from).toISOString(),
              to: new Date(to).toISOString(),
              ...(site !== null && { site }),
            },
          },
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useRound(id: number) {
  return useQuery({
    queryKey: ['patrol', 'round', id],
    queryFn: () => ask(api.GET('/api/v1/patrol/rounds/{row_id}', { params: { path: { row_id: id } } })),
  });
}

export function useWhere(site: number | null) {
  return useQuery({
    queryKey: ['patrol', 'where', site],
    queryFn: () => ask(api.GET('/api/v1/patrol/where', { params: { query: site === null ? {} : { site } } })),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

export function useExceptions(site: number | null, state: 'open' | 'all', limit: number, code?: string[]) {
  return useQuery({
    queryKey: ['patrol', 'exceptions', site, state, limit, code],
    queryFn: () =>
      ask(
        api.GET('/api/v1/patrol/exceptions', {
          params: { query: { state, limit, ...(site !== null && { site }), ...(code && { code }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function useContests() {
  return useQuery({
    queryKey: ['patrol', 'contests'],
    queryFn: () => ask(api.GET('/api/v1/patrol/contests')),
  });
}

export function useFindings() {
  return useQuery({
    queryKey: ['patrol', 'findings', 'all'],
    queryFn: () => ask(api.GET('/api/v1/patrol/findings', { params: { query: { state: 'all' } } })),
  });
}

export function useCheckpoints() {
  return useQuery({
    queryKey: ['patrol', 'checkpoints'],
    queryFn: () => ask(api.GET('/api/v1/patrol/checkpoints')),
    staleTime: SELDOM_MS,
  });
}

export function usePlans() {
  return useQuery({
    queryKey: ['patrol', 'plans'],
    queryFn: () => ask(api.GET('/api/v1/patrol/plans')),
    staleTime: SELDOM_MS,
  });
}

export function useForms() {
  return useQuery({
    queryKey: ['patrol', 'forms'],
    // openapi-fetch gives tuples as plain arrays.
    queryFn: () => ask(api.GET('/api/v1/forms')) as Promise<Answer<'/api/v1/forms'>>,
    staleTime: SELDOM_MS,
  });
}

export function useFireWatches() {
  return useQuery({
    queryKey: ['patrol', 'fire-watches'],
    queryFn: () => ask(api.GET('/api/v1/patrol/fire-watches', { params: { query: { state: 'all' } } })),
  });
}

export function useFireWatch(id: number) {
  return useQuery({
    queryKey: ['patrol', 'fire-watch', id],
    queryFn: () => ask(api.GET('/api/v1/patrol/fire-watches/{row_id}', { params: { path: { row_id: id } } })),
  });
}

/** Open calls for help. Not for viewers: the server tells them nothing about people. */
export function useSos({ isWanted = true } = {}) {
  return useQuery({
    queryKey: ['sos'],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/patrol/sos')),
    refetchInterval: LOOK_AGAIN_MS,
  });
}

/** A write after which everything about rounds is read again. */
export function usePatrolWrite<V, A>(write: (value: V) => Promise<A>) {
  return useChange(['patrol', 'sos'], write);
}

export function useAcknowledgeSos() {
  return usePatrolWrite((id: number) =>
    ask(api.POST('/api/v1/patrol/sos/{sos_id}/acknowledge', { params: { path: { sos_id: id } } })),
  );
}

export function useCloseSos() {
  return usePatrolWrite((id: number) =>
    ask(api.POST('/api/v1/patrol/sos/{sos_id}/close', { params: { path: { sos_id: id } } })),
  );
}
