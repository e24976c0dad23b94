import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { after, BY_CURSOR, useChange } from '@/api/queries';
import type { paths } from '@/api/schema';

type PutBody<P extends keyof paths> = paths[P] extends {
  put: { requestBody: { content: { 'application/json': infer B } } };
}
  ? B
  : never;

export type NoticeRow = Item<'/api/v1/notices'>;
export type Mine = Answer<'/api/v1/notifications/me'>;
export type MineWrite = PutBody<'/api/v1/notifications/me'>;
export type Channel = Item<'/api/v1/notifications/channels'>;
export type ChannelWrite = PostBody<'/api/v1/notifications/channels'>;
export type ChannelKind = Channel['kind'];
export type Policy = Item<'/api/v1/notifications/policies'>;
export type Plan = Policy['plan'];
export type Step = Plan['steps'][number];
export type PolicyWrite = PutBody<'/api/v1/notifications/policies'>;
export type OutboxPage = Answer<'/api/v1/notifications/outbox'>;
export type Message = OutboxPage['items'][number];
export type MessageState = Message['state'];
export type Way = Message['way'];
export type Tried =
  paths['/api/v1/notifications/me/test']['post']['responses'][200]['content']['application/json'];

const PAGE = 50;

export function useMyNotices() {
  return useInfiniteQuery({
    queryKey: ['notices', 'mine'],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/notices', {
          params: { query: { limit: PAGE, ...after(pageParam) } },
        }),
      ),
    ...BY_CURSOR,
  });
}

export function useMine() {
  return useQuery({
    queryKey: ['notices', 'me'],
    queryFn: () => ask(api.GET('/api/v1/notifications/me')),
  });
}

export function useChannels({ isWanted = true } = {}) {
  return useQuery({
    queryKey: ['notices', 'channels'],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/notifications/channels')),
  });
}

export function usePolicies(site: number | null) {
  return useQuery({
    queryKey: ['notices', 'policies', site],
    queryFn: () =>
      ask(api.GET('/api/v1/notifications/policies', { params: { query: site === null ? {} : { site } } })),
    placeholderData: keepPreviousData,
  });
}

export interface OutboxFilter {
  state?: MessageState;
  way?: Way;
}

export function useOutbox(filter: OutboxFilter) {
  return useInfiniteQuery({
    queryKey: ['notices', 'outbox', filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/notifications/outbox', {
          params: { query: { limit: PAGE, ...filter, ...after(pageParam) } },
        }),
      ),
    ...BY_CURSOR,
    placeholderData: keepPreviousData,
  });
}

export function useMessage(id: number) {
  return useQuery({
    queryKey: ['notices', 'message', id],
    queryFn: () =>
      ask(api.GET('/api/v1/notifications/outbox/{message_id}', { params: { path: { message_id: id } } })),
  });
}

export function useMarkRead() {
  return useChange(['notices'], (ids: number[] | null) =>
    ask(api.POST('/api/v1/notices/read', { body: { ids } })),
  );
}

export function useSaveMine() {
  return useChange(['notices'], (body: MineWrite) => ask(api.PUT('/api/v1/notifications/me', { body })));
}

export function useAddBrowser() {
  return useChange(['notices'], (body: PostBody<'/api/v1/notifications/me/browsers'>) =>
    ask(api.POST('/api/v1/notifications/me/browsers', { body })),
  );
}

export function useRemoveBrowser() {
  return useChange(['notices'], (id: number) =>
    ask(
      api.DELETE('/api/v1/notifications/me/browsers/{browser_id}', { params: { path: { browser_id: id } } }),
    ),
  );
}

export function useTestMine() {
  return useMutation({
    mutationFn: (way: 'push' | 'email') => ask(api.POST('/api/v1/notifications/me/test', { body: { way } })),
  });
}

export function useSaveChannel() {
  return useChange(['notices'], ({ channel, body }: { channel: Channel | null; body: ChannelWrite }) => {
    if (channel === null) return ask(api.POST('/api/v1/notifications/channels', { body }));
    const { kind: _, ...rest } = body;
    return ask(
      api.PUT('/api/v1/notifications/channels/{channel_id}', {
        params: { path: { channel_id: channel.id } },
        body: { ...rest, enabled: body.enabled ?? true, version: channel.version },
      }),
    );
  });
}

export function useDeleteChannel() {
  return useChange(['notices'], (id: number) =>
    ask(api.DELETE('/api/v1/notifications/channels/{channel_id}', { params: { path: { channel_id: id } } })),
  );
}

export function useTestChannel() {
  return useMutation({
    mutationFn: (id: number) =>
      ask(
        api.POST('/api/v1/notifications/channels/{channel_id}/test', {
          params: { path: { channel_id: id } },
        }),
      ),
  });
}

export function useSavePolicy() {
  return useChange(['notices'], (body: PolicyWrite) =>
    ask(api.PUT('/api/v1/notifications/policies', { body })),
  );
}

export function useRemovePolicy() {
  return useChange(['notices'], (body: PostBody<'/api/v1/notifications/policies/remove'>) =>
    ask(api.POST('/api/v1/notifications/policies/remove', { body })),
  );
}

export function useRetry() {
  return useChange(['notices'], (id: number) =>
    ask(
      api.POST('/api/v1/notifications/outbox/{message_id}/retry', { params: { path: { message_id: id } } }),
    ),
  );
}
