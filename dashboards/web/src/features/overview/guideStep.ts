import type { LiveValue } from '@/live/store';
import type { Alarm } from '@/nouns/alarms/queries';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { sideOf } from '@/nouns/points/reading';
import type { Ticket } from '@/nouns/tickets/queries';
import { bySeverity } from '@/ui/severity';

/** The steps of the loop a newcomer is led through. */
export const GUIDE_STEPS = ['watch', 'acknowledge', 'take', 'prove', 'done'] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];

export interface Guidance {
  step: GuideStep;
  alarm?: Alarm;
  ticket?: Ticket;
  /** A value that has left its band although no alarm stands yet. */
  leaving?: { asset: AssetDetail; point: Point };
}

/** What is worth doing next, from what the building shows now. */
export function guidanceOf(
  alarms: Alarm[],
  tickets: Ticket[],
  assets: AssetDetail[],
  latest: (point: number) => LiveValue | undefined,
): Guidance {
  const open = [...alarms].sort((a, b) => bySeverity(a.severity, b.severity));
  const unseen = open.find((alarm) => alarm.state === 'unacknowledged');
  if (unseen) return { step: 'acknowledge', alarm: unseen };
  const untaken = tickets.find((ticket) => ticket.status === 'open');
  if (untaken) return { step: 'take', ticket: untaken };
  const taken = tickets.find((ticket) => ticket.status !== 'closed');
  if (taken) return { step: 'prove', ticket: taken };
  const closed = tickets[0];
  if (closed) return { step: 'done', ticket: closed };
  for (const asset of assets) {
    const point = asset.points.find((candidate) => sideOf(candidate, latest(candidate.id)?.value ?? null));
    if (point) return { step: 'watch', leaving: { asset, point } };
  }
  return { step: 'watch' };
}
