import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router';
import { useLiveScope } from '@/live/hooks';
import { SosBanner } from '@/nouns/patrol/SosBanner';
import { SessionProvider, useSessionQuery } from '@/nouns/session/session';
import { keptLanguage, speak } from '@/text/i18n';
import { browserZone, SiteZone } from '@/text/zone';
import { AboveAll } from '@/ui/Dialog';
import { Failure } from '@/ui/Failure';
import { Waiting } from '@/ui/Loaded';
import { Toasts } from '@/ui/toasts';
import { Header } from './Header';
import { SideNav, TabBar } from './Nav';
import styles from './Shell.module.css';

/** What surrounds every page behind the login. */
export function Shell() {
  const query = useSessionQuery();
  const location = useLocation();
  const session = query.data;
  const locale = session?.user.locale;
  useEffect(() => {
    if (locale && !keptLanguage()) void speak(locale);
  }, [locale]);
  if (session === undefined && query.error) {
    return (
      <main className={styles.alone}>
        <Failure error={query.error} onRetry={query.refetch} isRetrying={query.isFetching} />
      </main>
    );
  }
  if (session === undefined) return <Connecting />;
  if (session === null) {
    return <Navigate to="/login" replace state={{ back: location.pathname + location.search }} />;
  }
  return (
    <SessionProvider value={session}>
      <SiteZone value={session.site?.time_zone ?? browserZone()}>
        <Frame />
      </SiteZone>
    </SessionProvider>
  );
}

function Connecting() {
  const { t } = useTranslation();
  return (
    <main className={styles.alone}>
      <p className="only-read-aloud">{t('connection.connecting')}</p>
      <Waiting lines={4} />
    </main>
  );
}

function Frame() {
  const { t } = useTranslation();
  const isLoading = useNavigation().state === 'loading';
  useLiveScope('none');
  return (
    <AboveAll value={<SosBanner isMute />}>
      <div className={styles.shell}>
        <a className={styles.skip} href="#main">
          {t('nav.skip')}
        </a>
        {isLoading && <div className={styles.progress} aria-hidden="true" />}
        <SideNav />
        <div className={styles.column}>
          <SosBanner />
          <Header />
          <main id="main" className={styles.main} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <TabBar />
        <Toasts />
        <ScrollRestoration />
      </div>
    </AboveAll>
  );
}
