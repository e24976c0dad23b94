import type { Plan } from '@/nouns/patrol/queries';
import { useIsPhone } from '@/ui/screen';

/** Radius of what is drawn on a plan, in the plan's pixels: a phone shows the whole plan on a quarter of the width. */
export function useMarkSize(plan: Pick<Plan, 'width'>): number {
  return plan.width / (useIsPhone() ? 26 : 60);
}
