import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';

export type UnknownDevice = Item<'/api/v1/inbox'>;
export type UnknownSource = UnknownDevice['sources'][number];
export type Assignment = PostBody<'/api/v1/inbox/assign'>;
export type DeviceChoice = Assignment['devices'][number];
export type SourceChoice = NonNullable<DeviceChoice['sources']>[number];

export const PAGE = 50;

export function useInbox(isDismissed: boolean, offset: number) {
  return useQuery({
    queryKey: ['inbox', isDismissed, offset],
    // openapi-fetch gives tuples as plain arrays.
    queryFn: () =>
      ask(
        api.GET('/api/v1/inbox', { params: { query: { dismissed: isDismissed, limit: PAGE, offset } } }),
      ) as Promise<Answer<'/api/v1/inbox'>>,
    placeholderData: keepPreviousData,
  });
}

function useInboxChange<T, A>(mutationFn: (body: T) => Promise<A>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['inbox'] }),
        client.invalidateQueries({ queryKey: ['assets'] }),
      ]),
  });
}

export function useAssign() {
  return useInboxChange((body: Assignment) => ask(api.POST('/api/v1/inbox/assign', { body })));
}

/** Put sources aside, or bring them back. */
export function useDismiss() {
  return useInboxChange((body: { ids: number[]; dismissed: boolean }) =>
    ask(api.POST('/api/v1/inbox/dismiss', { body })),
  );
}
