import { bySeverity } from '@/ui/severity';
import type { Ticket, TicketStatus } from './queries';

/** The way of a ticket as people think of it; on hold is a pause at the stage reached. */
export const STAGES = ['open', 'accepted', 'on_site', 'verifying', 'closed'] as const;
export type Stage = (typeof STAGES)[number];

/** What a deadline is read from. */
export type Timed = Pick<Ticket, 'status' | 'respond_by' | 'on_site_by' | 'due_at'>;

export interface Deadline {
  /** What has to be done by then. */
  aim: 'respond' | 'arrive' | 'solve';
  at: number;
}

/** What the clock is running for: an answer, then somebody on site, then the solution. Nothing runs on a closed ticket. */
export function deadlineOf(ticket: Timed): Deadline | null {
  switch (ticket.status) {
    case 'closed':
      return null;
    case 'open':
      return { aim: 'respond', at: Date.parse(ticket.respond_by) };
    case 'accepted':
      return { aim: 'arrive', at: Date.parse(ticket.on_site_by) };
    default:
      return { aim: 'solve', at: Date.parse(ticket.due_at) };
  }
}

export function stageOf(status: TicketStatus): Stage {
  return status === 'on_hold' ? 'accepted' : status;
}

const MINUTE_MS = 60_000;

/** What is due soonest first, to the minute, and of that the worst; what is closed last, the latest on top. */
export function byDeadline(a: Ticket, b: Ticket): number {
  const minute = (ticket: Ticket) =>
    Math.floor((deadlineOf(ticket)?.at ?? Number.MAX_SAFE_INTEGER) / MINUTE_MS);
  return (
    minute(a) - minute(b) ||
    Date.parse(b.closed_at ?? '') - Date.parse(a.closed_at ?? '') ||
    bySeverity(a.severity, b.severity)
  );
}
