import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { after, BY_CURSOR, useChange } from '@/api/queries';

export type Ticket = Item<'/api/v1/tickets'>;
export type TicketDetail = Answer<'/api/v1/tickets/{ticket_id}'>;
export type TicketStatus = Ticket['status'];
export type Verification = NonNullable<TicketDetail['verification']>;
export type TicketEvent = TicketDetail['events'][number];
export type CloseBody = PostBody<'/api/v1/tickets/{ticket_id}/close'>;

/** The statuses of a ticket that somebody still has to do something about. */
export const OPEN_STATUSES: TicketStatus[] = ['open', 'accepted', 'on_site', 'on_hold', 'verifying'];

export interface TicketFilter {
  status?: TicketStatus | 'active';
  assignee?: 'me';
  asset?: number;
  overdue?: boolean;
  q?: string;
}

const PAGE = 100;

export function useTicketSummary() {
  return useQuery({
    queryKey: ['tickets', 'summary'],
    queryFn: () => ask(api.GET('/api/v1/tickets/summary')),
    refetchInterval: 60_000,
  });
}

export function useTickets(filter: TicketFilter & { limit: number }) {
  return useQuery({
    queryKey: ['tickets', 'list', filter],
    queryFn: () => ask(api.GET('/api/v1/tickets', { params: { query: filter } })),
    placeholderData: keepPreviousData,
  });
}

export function useTicketPages(filter: TicketFilter) {
  return useInfiniteQuery({
    queryKey: ['tickets', 'pages', filter],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/tickets', {
          params: { query: { ...filter, limit: PAGE, ...after(pageParam) } },
        }),
      ),
    ...BY_CURSOR,
    placeholderData: keepPreviousData,
  });
}

export function useTicket(id: number) {
  return useQuery({
    queryKey: ['tickets', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/tickets/{ticket_id}', { params: { path: { ticket_id: id } } })),
    // The evidence grows while nobody touches the ticket.
    refetchInterval: (query) => (query.state.data?.status === 'closed' ? false : 10_000),
  });
}

export type TicketStep =
  | { step: 'accept' | 'arrive' | 'resume' }
  | { step: 'hold'; reason: string }
  | { step: 'assign'; to: number }
  | { step: 'comment'; text: string }
  | { step: 'close'; body: CloseBody };

async function take(id: number, move: TicketStep) {
  const params = { path: { ticket_id: id } };
  switch (move.step) {
    case 'accept':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/accept', { params }));
    case 'arrive':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/arrive', { params }));
    case 'resume':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/resume', { params }));
    case 'hold':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/hold', { params, body: { reason: move.reason } }));
    case 'assign':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/assign', { params, body: { user_id: move.to } }));
    case 'comment':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/comment', { params, body: { text: move.text } }));
    case 'close':
      return ask(api.POST('/api/v1/tickets/{ticket_id}/close', { params, body: move.body }));
  }
}

/** Any move on one ticket; the lists follow when it is done. */
export function useTicketStep(id: number) {
  return useChange(['tickets'], (move: TicketStep) => take(id, move));
}

export function useReportFault() {
  return useChange(['tickets'], (body: PostBody<'/api/v1/tickets'>) =>
    ask(api.POST('/api/v1/tickets', { body })),
  );
}
