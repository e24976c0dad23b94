import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { PageHead } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { CheckpointsTab } from './CheckpointsTab';
import { PatrolTabs } from './PatrolTabs';
import { PlansTab } from './PlansTab';
import { PolicyTab } from './PolicyTab';
import { RoutesTab } from './RoutesTab';
import { SchedulesTab } from './SchedulesTab';
import { WaysTab } from './WaysTab';

const TABS = {
  checkpoints: CheckpointsTab,
  routes: RoutesTab,
  schedules: SchedulesTab,
  plans: PlansTab,
  ways: WaysTab,
  policy: PolicyTab,
} as const;
type Tab = keyof typeof TABS;

/** What is visited, marked by what, in which order, when and by whom. */
export function PlanningPage() {
  const { t } = useTranslation();
  const asked = useParams().tab;
  const tab = (Object.keys(TABS) as Tab[]).find((known) => known === asked) ?? 'checkpoints';
  const Body = TABS[tab];
  useTitle(t(`patrol.tab.${tab}`));
  return (
    <>
      <PageHead title={t(`patrol.tab.${tab}`)} under={t(`patrol.explain.${tab}`)} />
      <PatrolTabs shown={tab} />
      <Body />
    </>
  );
}
