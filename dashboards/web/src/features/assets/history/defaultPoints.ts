import { headlinesOf } from '@/nouns/assets/headline';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import type { Severity } from '@/ui/severity';

/** What to draw when the address names no points: what an alarm is about, else the first measured headline. */
export function defaultPoints(asset: AssetDetail, alarmed: Map<number, Severity>): Point[] {
  const wrong = asset.points.filter((point) => point.kind === 'analog' && alarmed.has(point.id));
  if (wrong.length) return wrong.slice(0, 2);
  const [headline] = headlinesOf(asset).filter((point) => point.kind === 'analog');
  const first = headline ?? asset.points.find((point) => point.kind === 'analog') ?? asset.points[0];
  return first ? [first] : [];
}
