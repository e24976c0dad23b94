import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { headlinesOf } from '@/nouns/assets/headline';
import { type AssetDetail, type Point, useProfiles } from '@/nouns/assets/queries';
import { PointSpark } from '@/nouns/points/PointSpark';
import { isNumeric } from '@/nouns/points/reading';
import { Value } from '@/nouns/points/Value';
import { useFormat } from '@/text/format';
import styles from './KeyFigures.module.css';

const SHOWN = 4;

/** The numeric headlines, taking types in turn, so that four meters do not push the pump out. */
function figuresOf(assets: AssetDetail[]): { asset: AssetDetail; point: Point }[] {
  const seen = new Map<string, number>();
  const mainsFirst = [...assets].sort((a, b) => a.fed_by.length - b.fed_by.length);
  const figures = mainsFirst.flatMap((asset) =>
    headlinesOf(asset)
      .filter((point) => isNumeric(point) && point.unit)
      .map((point) => {
        const turn = seen.get(asset.profile) ?? 0;
        seen.set(asset.profile, turn + 1);
        return { asset, point, turn };
      }),
  );
  return figures.sort((a, b) => a.turn - b.turn).slice(0, SHOWN);
}

export function KeyFigures({ assets }: { assets: AssetDetail[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  // the building is what people look at; how its data come in has its own pages
  const own = new Set(
    useProfiles().data?.flatMap((profile) => (profile.discipline === 'monitoring' ? [profile.key] : [])),
  );
  const figures = figuresOf(assets.filter((asset) => !own.has(asset.profile)));
  if (!figures.length) return null;
  return (
    <section>
      <h2 className="only-read-aloud">{t('overview.figures')}</h2>
      <ul className={styles.figures}>
        {figures.map(({ asset, point }) => (
          <li key={point.id}>
            <Link to={`/assets/${asset.id}?points=${point.id}`}>
              <span className="quiet">
                {label(asset.name)} · {label(point.name)}
              </span>
              <Value point={point} size="large" />
              <PointSpark point={point} width={260} height={36} />
              <span className="quiet small">{t('overview.lastHour')}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
