import { useTranslation } from 'react-i18next';
import { useMay } from '@/nouns/session/session';
import { Tabs } from '@/ui/Tabs';

const PLANNED = ['checkpoints', 'routes', 'schedules', 'plans', 'ways', 'policy'] as const;

export type Planned = (typeof PLANNED)[number];

/** The rooms of the patrol module: what happens now, and what is planned. */
export function PatrolTabs({ shown }: { shown: 'now' | Planned }) {
  const { t } = useTranslation();
  const mayPlan = useMay('engineer');
  if (!mayPlan) return null;
  const addressOf = (tab: Planned) => `/patrol/plan/${tab}`;
  return (
    <Tabs
      name={t('patrol.title')}
      tabs={[
        { to: '/patrol', label: t('patrol.control') },
        ...PLANNED.map((tab) => ({ to: addressOf(tab), label: t(`patrol.tab.${tab}`) })),
        { to: '/forms', label: t('patrol.forms') },
      ]}
      shown={shown === 'now' ? '/patrol' : addressOf(shown)}
    />
  );
}
