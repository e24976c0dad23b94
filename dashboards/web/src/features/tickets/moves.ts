import type { TicketStatus } from '@/nouns/tickets/queries';

export type Move = 'accept' | 'arrive' | 'hold' | 'resume' | 'close';

/** What can be done next in each status, the usual move first. The server has the last word. */
const MOVES: Record<TicketStatus, Move[]> = {
  open: ['accept'],
  accepted: ['arrive', 'hold', 'close'],
  on_site: ['close', 'hold'],
  on_hold: ['resume'],
  verifying: ['close'],
  closed: [],
};

export function movesOf(status: TicketStatus): Move[] {
  return MOVES[status];
}
