import type { ReactNode } from 'react';
import { headlinesOf } from '@/nouns/assets/headline';
import type { AssetDetail } from '@/nouns/assets/queries';
import { Elevator } from './Elevator';
import { Facts } from './Facts';
import { FirePanel } from './FirePanel';
import { Meter } from './Meter';
import { PumpSet } from './PumpSet';

const DRAWINGS: Record<string, (asset: AssetDetail) => ReactNode> = {
  elevator: (asset) => <Elevator asset={asset} />,
  pump: (asset) => <PumpSet asset={asset} />,
  fire_panel: (asset) => <FirePanel asset={asset} />,
  energy_meter: (asset) => <Meter asset={asset} />,
};

/** The machine as a live drawing; a type without one shows its headline values. */
export function Schematic({ asset }: { asset: AssetDetail }) {
  return DRAWINGS[asset.profile]?.(asset) ?? <Facts points={headlinesOf(asset)} />;
}
