import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import styles from './More.module.css';

interface Query {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The next page of a list, below what is shown of it; nothing when that is all. */
export function More({ query, children }: { query: Query; children?: ReactNode }) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <div className={styles.more}>
      <Button isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        {t('action.more')} {children}
      </Button>
    </div>
  );
}
