import type { Ticket, TicketStatus } from './queries';

/** The way of a ticket as people think of it; on hold is a pause at the stage reached. */
export const STAGES = ['open', 'accepted', 'on_site', 'verifying', 'closed'] as const;
export type Stage = (typeof STAGES)[number];

export interface Deadline {
  /** What has to be done by then. */
  aim: 'respond' | 'solve';
  at: number;
}

/** What the clock is running for: an answer first, then the solution. Nothing runs on a closed ticket. */
export function deadlineOf(ticket: Pick<Ticket, 'status' | 'respond_by' | 'due_at'>): Deadline | null {
  if (ticket.status === 'closed') return null;
  if (ticket.status === 'open' && ticket.respond_by)
    return { aim: 'respond', at: Date.parse(ticket.respond_by) };
  return ticket.due_at ? { aim: 'solve', at: Date.parse(ticket.due_at) } : null;
}

export function stageOf(status: TicketStatus): Stage {
  return status === 'on_hold' ? 'accepted' : status;
}

/** What is due soonest first; without a deadline last. */
export function byDeadline(a: Ticket, b: Ticket): number {
  const at = (ticket: Ticket) => deadlineOf(ticket)?.at ?? Number.MAX_SAFE_INTEGER;
  return at(a) - at(b);
}
