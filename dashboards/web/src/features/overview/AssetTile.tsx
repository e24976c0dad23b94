import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { useReading } from '@/live/hooks';
import { headlinesOf } from '@/nouns/assets/headline';
import type { Asset, AssetDetail } from '@/nouns/assets/queries';
import { trustOf } from '@/nouns/points/reading';
import { Value } from '@/nouns/points/Value';
import { useFormat } from '@/text/format';
import { assetIcon, Icon } from '@/ui/icons';
import { SeverityMark } from '@/ui/SeverityMark';
import type { Severity } from '@/ui/severity';
import styles from './AssetTile.module.css';

interface Props {
  asset: Asset;
  detail: AssetDetail | undefined;
  worst: Severity | undefined;
  count: number;
}

export function AssetTile({ asset, detail, worst, count }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const point = detail && headlinesOf(detail)[0];
  const reading = useReading(point?.id);
  const now = useNow();
  const trust = point ? trustOf(point, reading, now) : 'live';
  const isKnown = trust === 'live' || trust === 'suspect';
  return (
    <Link to={`/assets/${asset.id}`} className={`${styles.tile} ${worst ? styles[worst] : ''}`}>
      <span className={styles.name}>
        <Icon name={assetIcon(asset.profile)} size={18} />
        {label(asset.name)}
      </span>
      {point && (
        <span className={styles.value}>
          <span className="quiet small">{label(point.name)}</span> <Value point={point} />
        </span>
      )}
      <span className={styles.state}>
        {worst ? (
          <>
            <SeverityMark severity={worst} size={15} />
            <span>{t('alarm.count', { count })}</span>
          </>
        ) : (
          <span className="quiet">{t(isKnown ? 'overview.normal' : 'overview.unknown')}</span>
        )}
      </span>
    </Link>
  );
}
