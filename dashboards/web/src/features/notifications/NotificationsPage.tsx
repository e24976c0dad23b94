import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useParams } from 'react-router';
import { useMay } from '@/nouns/session/session';
import { Waiting } from '@/ui/Loaded';
import { PageHead } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { MyNotices } from './MyNotices';
import styles from './Notifications.module.css';

const MySettings = lazy(async () => ({ default: (await import('./MySettings')).MySettings }));
const Channels = lazy(async () => ({ default: (await import('./Channels')).Channels }));
const Policies = lazy(async () => ({ default: (await import('./Policies')).Policies }));
const Outbox = lazy(async () => ({ default: (await import('./Outbox')).Outbox }));

const TABS = {
  mine: { Body: MyNotices, isForAll: true },
  settings: { Body: MySettings, isForAll: true },
  policies: { Body: Policies, isForAll: false },
  channels: { Body: Channels, isForAll: false },
  outbox: { Body: Outbox, isForAll: false },
} as const;
type Tab = keyof typeof TABS;

export function NotificationsPage() {
  const { t } = useTranslation();
  const isAdmin = useMay('admin');
  const asked = useParams().tab;
  const tabs = (Object.keys(TABS) as Tab[]).filter((known) => isAdmin || TABS[known].isForAll);
  const tab = tabs.find((known) => known === asked) ?? 'mine';
  const { Body } = TABS[tab];
  useTitle(t(`notify.tab.${tab}`));
  return (
    <>
      <PageHead title={t('notify.title')} under={t(`notify.explain.${tab}`)} />
      <nav className={styles.tabs} aria-label={t('notify.title')}>
        {tabs.map((known) => (
          <NavLink
            key={known}
            to={`/notifications/${known}`}
            className={known === tab ? styles.here : undefined}
            aria-current={known === tab ? 'page' : undefined}
          >
            {t(`notify.tab.${known}`)}
          </NavLink>
        ))}
      </nav>
      <Suspense fallback={<Waiting lines={8} />}>
        <Body />
      </Suspense>
    </>
  );
}
