import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { LanguageButton } from '@/nouns/session/LanguageButton';
import { useLogOut } from '@/nouns/session/logOut';
import { useMay, useSession } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { ThemeButton } from '@/ui/ThemeButton';
import styles from './MorePage.module.css';
import { PasswordChange } from './PasswordChange';

/** The person's own things; on a phone also what has no tab. */
export function MorePage() {
  const { t } = useTranslation();
  const { user, version } = useSession();
  const mayAdminister = useMay('engineer');
  const logOut = useLogOut();
  useTitle(t('nav.account'));
  return (
    <>
      <PageHead title={user.display_name} under={`${user.name} · ${t(`role.${user.role}`)}`} />
      <div className={styles.columns}>
        <Panel title={t('nav.more')}>
          <div className={styles.things}>
            <Link className={styles.link} to="/notifications">
              {t('nav.notifications')}
            </Link>
            <Link className={styles.link} to="/people">
              {t('nav.people')}
            </Link>
            <Link className={styles.link} to="/reports">
              {t('nav.reports')}
            </Link>
            {mayAdminister && (
              <>
                <Link className={styles.link} to="/patrol">
                  {t('nav.patrol')}
                </Link>
                <Link className={styles.link} to="/inbox">
                  {t('nav.inbox')}
                </Link>
                <Link className={styles.link} to="/devices">
                  {t('nav.devices')}
                </Link>
                <Link className={styles.link} to="/rules">
                  {t('nav.rules')}
                </Link>
                <Link className={styles.link} to="/admin">
                  {t('nav.admin')}
                </Link>
              </>
            )}
            <div className={styles.row}>
              <LanguageButton />
              <ThemeButton hasWord />
            </div>
            <Button isLarge onClick={() => logOut.mutate()} isBusy={logOut.isPending}>
              {t('session.logOut')}
            </Button>
            <p className="quiet small">Plantroom {version}</p>
          </div>
        </Panel>
        <PasswordChange />
      </div>
    </>
  );
}
