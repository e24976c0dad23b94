import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useMay } from '@/nouns/session/session';
import { TabbedPage } from '@/ui/TabbedPage';
import { MyNotices } from './MyNotices';

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
  return (
    <TabbedPage
      title={t('notify.title')}
      tabs={tabs.map((known) => ({
        to: `/notifications/${known}`,
        label: t(`notify.tab.${known}`),
        explain: t(`notify.explain.${known}`),
      }))}
      shown={`/notifications/${tab}`}
    >
      <Body />
    </TabbedPage>
  );
}
