import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { type Asset, type AssetDetail, buildingsOf, useProfiles, useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Panel } from '@/ui/Panel';
import { AssetTile } from './AssetTile';
import styles from './Buildings.module.css';

interface Props {
  assets: Asset[];
  total: number;
  details: AssetDetail[];
}

/** Every asset as a tile, by building and type: grey while normal, marked when not. */
export function Buildings({ assets, total, details }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const spaces = useSpaces().data ?? [];
  const profiles = useProfiles().data ?? [];
  const abnormal = useAlarmSummary().data?.assets ?? {};
  const known = new Map(details.map((detail) => [detail.id, detail]));
  const buildingOf = buildingsOf(spaces);
  // what belongs to a site as a whole stands below its buildings
  const inOrder = spaces.toSorted((a, b) => Number(a.kind === 'site') - Number(b.kind === 'site'));
  const groups = [...inOrder, undefined].flatMap((building) => {
    const inside = assets.filter((asset) => buildingOf.get(asset.space_id) === building);
    return inside.length ? [{ building, inside }] : [];
  });
  return (
    <>
      <div className={styles.buildings}>
        {groups.map(({ building, inside }) => (
          <Panel key={building?.id ?? 0} title={building ? label(building.name) : t('overview.elsewhere')}>
            {profiles.map((profile) => {
              const same = inside.filter((asset) => asset.profile === profile.key);
              if (!same.length) return null;
              return (
                <div key={profile.key} className={styles.group}>
                  <h3 className={styles.type}>{label(profile.name)}</h3>
                  <div className={styles.tiles}>
                    {same.map((asset) => (
                      <AssetTile
                        key={asset.id}
                        asset={asset}
                        detail={known.get(asset.id)}
                        worst={abnormal[String(asset.id)]?.worst}
                        count={abnormal[String(asset.id)]?.open ?? 0}
                      />
                    ))}
                  </div>
                </div>
              );
            })}
          </Panel>
        ))}
      </div>
      {total > assets.length && (
        <p className="quiet">
          {t('overview.moreAssets', { shown: assets.length, total })}{' '}
          <Link to="/assets">{t('nav.assets')}</Link>
        </p>
      )}
    </>
  );
}
