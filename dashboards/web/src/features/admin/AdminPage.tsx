import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useMay } from '@/nouns/session/session';
import { TabbedPage } from '@/ui/TabbedPage';
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
  return (
    <TabbedPage
      title={t('nav.admin')}
      tabs={tabs.map((known) => ({
        to: `/admin/${known}`,
        label: t(`admin.tab.${known}`),
        explain: t(`admin.explain.${known}`),
      }))}
      shown={`/admin/${tab}`}
    >
      <Body />
    </TabbedPage>
  );
}
