import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useUnread } from '@/nouns/notices/queries';
import { Icon } from '@/ui/icons';
import styles from './Bell.module.css';

/** What I was told of and have not looked at. */
export function Bell() {
  const { t } = useTranslation();
  const count = useUnread().data?.unread ?? 0;
  return (
    <Link to="/notifications" className={styles.bell} aria-label={t('nav.bell', { count })}>
      <Icon name="message" />
      {count > 0 && (
        <span className={styles.count} aria-hidden="true">
          {count > 99 ? '99+' : count}
        </span>
      )}
    </Link>
  );
}
