import type { TicketDetail } from '@/nouns/tickets/queries';

export interface ProofPoint {
  point: number;
  readings: number;
  min: number | null;
  max: number | null;
  last: number | string | null;
}

export interface Proof {
  inBandSince: string | null;
  points: ProofPoint[];
  overrideReason: string | null;
}

function isPoint(json: unknown): json is ProofPoint {
  return typeof json === 'object' && json !== null && 'point' in json && 'readings' in json;
}

/** The evidence kept on the event that closed the ticket. */
export function proofOf(ticket: Pick<TicketDetail, 'events'>): Proof | null {
  const data = ticket.events.findLast((event) => event.kind === 'closed')?.data;
  if (!data) return null;
  return {
    inBandSince: typeof data.in_band_since === 'string' ? data.in_band_since : null,
    points: Array.isArray(data.points) ? data.points.filter(isPoint) : [],
    overrideReason: typeof data.override_reason === 'string' ? data.override_reason : null,
  };
}
