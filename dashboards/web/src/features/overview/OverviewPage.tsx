import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLiveScope } from '@/live/hooks';
import { type AssetDetail, assetQuery, useAssets } from '@/nouns/assets/queries';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { BeingDone } from './BeingDone';
import { Buildings } from './Buildings';
import { Guide } from './Guide';
import { KeyFigures } from './KeyFigures';
import { SeverityCounts } from './SeverityCounts';
import { WrongNow } from './WrongNow';

/** Tiles drawn; larger sites show the abnormal ones and the counts. */
const MOST_TILES = 200;
/** Up to so many assets have their values live on their tiles. */
const MOST_LIVE = 40;

export function OverviewPage() {
  const { t } = useTranslation();
  useTitle(t('nav.overview'));
  const assets = useAssets({ limit: MOST_TILES, offset: 0 });
  const shown = assets.data && assets.data.total <= MOST_LIVE ? assets.data.items : [];
  const details = useQueries({
    queries: shown.map((asset) => assetQuery(asset.id)),
    combine: (queries) => queries.flatMap((query): AssetDetail[] => (query.data ? [query.data] : [])),
  });
  useLiveScope(shown.map((asset) => asset.id));
  return (
    <>
      <PageHead title={t('nav.overview')} actions={<SeverityCounts />} />
      <Guide assets={details} />
      <div className={layout.columns}>
        <WrongNow />
        <BeingDone />
      </div>
      <KeyFigures assets={details} />
      <Loaded query={assets}>
        {(data) => <Buildings assets={data.items} total={data.total} details={details} />}
      </Loaded>
    </>
  );
}
