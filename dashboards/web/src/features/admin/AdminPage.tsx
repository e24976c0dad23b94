import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useParams } from 'react-router';
import { useMay } from '@/nouns/session/session';
import { Waiting } from '@/ui/Loaded';
import { PageHead } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import styles from './AdminPage.module.css';
import { Gateways } from './Gateways';

const DeadLetters = lazy(async () => ({ default: (await import('./DeadLetters')).DeadLetters }));
const Users = lazy(async () => ({ default: (await import('./Users')).Users }));

const TABS = {
  gateways: { Body: Gateways, role: 'engineer' },
  'dead-letters': { Body: DeadLetters, role: 'admin' },
  users: { Body: Users, role: 'admin' },
} as const;
type Tab = keyof typeof TABS;

export function AdminPage() {
  const { t } = useTranslation();
  const may = { viewer: true, engineer: useMay('engineer'), admin: useMay('admin') };
  const asked = useParams().tab;
  const tabs = (Object.keys(TABS) as Tab[]).filter((tab) => may[TABS[tab].role]);
  const tab = tabs.find((known) => known === asked) ?? tabs[0] ?? 'gateways';
  const { Body } = TABS[tab];
  useTitle(t(`admin.tab.${tab}`));
  return (
    <>
      <PageHead title={t('nav.admin')} under={t(`admin.explain.${tab}`)} />
      <nav className={styles.tabs} aria-label={t('nav.admin')}>
        {tabs.map((known) => (
          <NavLink
            key={known}
            to={`/admin/${known}`}
            className={known === tab ? styles.here : undefined}
            aria-current={known === tab ? 'page' : undefined}
          >
            {t(`admin.tab.${known}`)}
          </NavLink>
        ))}
      </nav>
      <Suspense fallback={<Waiting lines={8} />}>
        <Body />
      </Suspense>
    </>
  );
}
