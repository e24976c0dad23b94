import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';

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

const TAKEN_UP = ['inbox', 'assets'] as const;

export function useAssign() {
  return useChange(TAKEN_UP, (body: Assignment) => ask(api.POST('/api/v1/inbox/assign', { body })));
}

/** Put sources aside, or bring them back. */
export function useDismiss() {
  return useChange(TAKEN_UP, (body: { ids: number[]; dismissed: boolean }) =>
    ask(api.POST('/api/v1/inbox/dismiss', { body })),
  );
}
