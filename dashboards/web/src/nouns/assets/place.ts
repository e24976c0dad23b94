import type { Label } from '@/text/i18n';
import type { Asset } from './queries';

/** Where an asset is, from the building down; the site stands in the header already. */
export function placeOf(asset: Pick<Asset, 'place'>): Label[] {
  return asset.place.length > 1 ? asset.place.slice(1) : asset.place;
}
