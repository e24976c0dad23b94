import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useProfiles, useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import { Segmented } from '@/ui/Segmented';
import { useIsPhone, useTitle } from '@/ui/screen';
import { AssetCards } from './AssetCards';
import styles from './AssetsPage.module.css';
import { useAssetRows } from './useAssetRows';

const AssetTable = lazy(async () => ({ default: (await import('./AssetTable')).AssetTable }));

export function AssetsPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const isPhone = useIsPhone();
  const rows = useAssetRows();
  const { filter, change } = rows;
  const profiles = useProfiles().data ?? [];
  const spaces = (useSpaces().data ?? []).filter((space) => space.kind === 'building');
  useTitle(t('nav.assets'));
  const all = { value: '', label: t('asset.allTypes') };
  const everywhere = { value: '', label: t('asset.everywhere') };
  return (
    <>
      <PageHead title={t('nav.assets')} />
      <div className={`${layout.tools} ${styles.filters}`}>
        <SearchField label={t('asset.search')} value={filter.q} onSearch={(q) => change({ q })} />
        <Choice
          label={t('asset.type')}
          isCompact
          value={filter.profile}
          options={[all, ...profiles.map((profile) => ({ value: profile.key, label: label(profile.name) }))]}
          onPick={(profile) => change({ profile })}
        />
        <Choice
          label={t('asset.place')}
          isCompact
          value={filter.space}
          options={[
            everywhere,
            ...spaces.map((space) => ({ value: String(space.id), label: label(space.name) })),
          ]}
          onPick={(space) => change({ space })}
        />
        <Segmented
          label={t('asset.which')}
          value={filter.isAbnormal ? 'abnormal' : 'all'}
          options={[
            { value: 'all', label: t('asset.all') },
            { value: 'abnormal', label: t('asset.onlyAbnormal') },
          ]}
          onPick={(which) => change({ isAbnormal: which === 'abnormal' })}
        />
      </div>
      <Panel isFlush>
        <Loaded
          query={rows.query}
          lines={8}
          isEmpty={(data) => data.total === 0}
          empty={
            <Empty title={t(filter.isAbnormal ? 'asset.noneAbnormal' : 'asset.none')}>
              {t('asset.noneHint')}
            </Empty>
          }
        >
          {(data) =>
            isPhone ? (
              <AssetCards rows={data.rows} total={data.total} offset={rows.offset} onPage={rows.turn} />
            ) : (
              <Suspense fallback={<Waiting lines={8} />}>
                <AssetTable rows={data.rows} total={data.total} offset={rows.offset} onPage={rows.turn} />
              </Suspense>
            )
          }
        </Loaded>
      </Panel>
    </>
  );
}
