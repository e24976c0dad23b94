import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { useLogOut } from '@/nouns/session/logOut';
import { useSession } from '@/nouns/session/session';
import { Icon } from '@/ui/icons';
import styles from './UserMenu.module.css';

/** A disclosure, not an application menu: tab and enter work as everywhere. */
export function UserMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const logOut = useLogOut();
  const box = useRef<HTMLDetailsElement>(null);
  const { key } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: closes whenever a page was chosen.
  useEffect(() => {
    if (box.current) box.current.open = false;
  }, [key]);
  useEffect(() => {
    const close = (event: Event) => {
      const isInside = event.target instanceof Node && box.current?.contains(event.target);
      const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
      if (box.current && (isEscape || (event.type === 'pointerdown' && !isInside))) box.current.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, []);
  return (
    <details ref={box} className={styles.menu}>
      <summary>
        <Icon name="user" />
        <span>{user.display_name}</span>
        <Icon name="down" size={14} />
      </summary>
      <div className={styles.sheet}>
        <p className="quiet small">
          {user.name} · {t(`role.${user.role}`)}
        </p>
        <Link to="/more">{t('nav.account')}</Link>
        <button type="button" onClick={() => logOut.mutate()}>
          {t('session.logOut')}
        </button>
      </div>
    </details>
  );
}
