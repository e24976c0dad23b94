import { type ComponentType, lazy, Suspense } from 'react';
import { headlinesOf } from '@/nouns/assets/headline';
import type { AssetDetail } from '@/nouns/assets/queries';
import { Waiting } from '@/ui/Loaded';
import { Facts } from './Facts';

type Drawing = ComponentType<{ asset: AssetDetail }>;

/** A page shows one of them, and loads no other. */
const DRAWINGS: Record<string, Drawing> = {
  elevator: lazy(async () => ({ default: (await import('./Elevator')).Elevator })),
  pump: lazy(async () => ({ default: (await import('./PumpSet')).PumpSet })),
  fire_panel: lazy(async () => ({ default: (await import('./FirePanel')).FirePanel })),
  energy_meter: lazy(async () => ({ default: (await import('./Meter')).Meter })),
};

/** The machine as a live drawing; a type without one shows its headline values. */
export function Schematic({ asset }: { asset: AssetDetail }) {
  const Drawing = DRAWINGS[asset.profile];
  if (!Drawing) return <Facts points={headlinesOf(asset)} />;
  return (
    <Suspense fallback={<Waiting lines={10} />}>
      <Drawing asset={asset} />
    </Suspense>
  );
}
