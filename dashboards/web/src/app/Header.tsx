import { useTranslation } from 'react-i18next';
import { LanguageButton } from '@/nouns/session/LanguageButton';
import { useSession } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { ThemeButton } from '@/ui/ThemeButton';
import { Bell } from './Bell';
import { ConnectionBadge } from './ConnectionBadge';
import styles from './Header.module.css';
import { UserMenu } from './UserMenu';

export function Header() {
  const { t } = useTranslation();
  const { site } = useSession();
  const { label } = useFormat();
  return (
    <header className={styles.header}>
      <div className={styles.site}>
        <span className="only-read-aloud">{t('header.site')} </span>
        {site ? label(site.name) : 'Plantroom'}
      </div>
      <ConnectionBadge />
      <div className={styles.tools}>
        <Bell />
        <LanguageButton />
        <ThemeButton />
        <UserMenu />
      </div>
    </header>
  );
}
