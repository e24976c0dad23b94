import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { placeOf } from '@/nouns/assets/place';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { assetIcon, Icon } from '@/ui/icons';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './AssetsPage.module.css';
import { type AssetRow, PAGE } from './useAssetRows';

export interface RowsProps {
  rows: AssetRow[];
  total: number;
  offset: number;
  onPage: (offset: number) => void;
}

export function AssetCards({ rows, total, offset, onPage }: RowsProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <>
      {rows.map(({ asset, worst }) => (
        <Link key={asset.id} to={`/assets/${asset.id}`} className={styles.card}>
          <Icon name={assetIcon(asset.profile)} size={26} />
          <span className={styles.words}>
            <strong>{label(asset.name)}</strong>
            <span className="quiet small">{placeOf(asset).map(label).join(' / ')}</span>
          </span>
          {worst ? (
            <SeverityMark severity={worst} />
          ) : (
            <span className="quiet small">{t('asset.normal')}</span>
          )}
        </Link>
      ))}
      {total > PAGE && (
        <div className={styles.pages}>
          <Button disabled={offset === 0} onClick={() => onPage(Math.max(0, offset - PAGE))}>
            {t('action.previous')}
          </Button>
          <span className="quiet">
            {t('asset.shown', { from: offset + 1, to: offset + rows.length, total })}
          </span>
          <Button disabled={offset + PAGE >= total} onClick={() => onPage(offset + PAGE)}>
            {t('action.next')}
          </Button>
        </div>
      )}
    </>
  );
}
