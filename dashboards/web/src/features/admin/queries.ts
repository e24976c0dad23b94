import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { after, BY_CURSOR, useChange } from '@/api/queries';
import type { paths } from '@/api/schema';

export type Gateway = Item<'/api/v1/gateways'>;
export type DeadLetter = Item<'/api/v1/dead-letters'>;
export type UserChange =
  paths['/api/v1/users/{user_id}']['patch']['requestBody']['content']['application/json'];

const PAGE = 100;
const HEALTH_MS = 5_000;

export function useGateways() {
  return useQuery({
    queryKey: ['gateways'],
    queryFn: () => ask(api.GET('/api/v1/gateways')),
    refetchInterval: HEALTH_MS,
  });
}

export function useDeadLetters(reason: string) {
  return useInfiniteQuery({
    queryKey: ['dead-letters', reason],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/dead-letters', {
          params: {
            query: {
              limit: PAGE,
              ...(reason && { reason }),
              ...after(pageParam),
            },
          },
        }),
      ),
    ...BY_CURSOR,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export function useAddUser() {
  return useChange(['users'], (body: PostBody<'/api/v1/users'>) => ask(api.POST('/api/v1/users', { body })));
}

export function useChangeUser() {
  return useChange(['users'], ({ id, ...body }: UserChange & { id: number }) =>
    ask(api.PATCH('/api/v1/users/{user_id}', { params: { path: { user_id: id } }, body })),
  );
}

/** A link that logs the person in once: the way to reset a password without knowing one. */
export function useLoginLink() {
  return useMutation({
    mutationFn: (id: number) =>
      ask(api.POST('/api/v1/users/{user_id}/login-link', { params: { path: { user_id: id } } })),
  });
}
