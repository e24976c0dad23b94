import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import styles from './Pages.module.css';

interface Props {
  /** How many there are in all, and how many a page holds. */
  total: number;
  size: number;
  /** How many stand before the page on screen. */
  offset: number;
  onGo: (offset: number) => void;
}

/** One page of a list on, or back; nothing when the first holds them all. */
export function Pages({ total, size, offset, onGo }: Props) {
  const { t } = useTranslation();
  if (total <= size && offset === 0) return null;
  return (
    <div className={styles.pages}>
      <Button disabled={offset === 0} onClick={() => onGo(Math.max(0, offset - size))}>
        {t('action.previous')}
      </Button>
      <Button disabled={offset + size >= total} onClick={() => onGo(offset + size)}>
        {t('action.next')}
      </Button>
    </div>
  );
}
