import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
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
              ...(pageParam && { cursor: Number(pageParam) }),
            },
          },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

export function useAddUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PostBody<'/api/v1/users'>) => ask(api.POST('/api/v1/users', { body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}

export function useChangeUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: UserChange & { id: number }) =>
      ask(api.PATCH('/api/v1/users/{user_id}', { params: { path: { user_id: id } }, body })),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
}

/** A link that logs the person in once: the way to reset a password without knowing one. */
export function useLoginLink() {
  return useMutation({
    mutationFn: (id: number) =>
      ask(api.POST('/api/v1/users/{user_id}/login-link', { params: { path: { user_id: id } } })),
  });
}
