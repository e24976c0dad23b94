import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { Tabs } from '@/ui/Tabs';

const TABS = [
  { to: '/alarms', word: 'alarms' },
  { to: '/incidents', word: 'incidents' },
  { to: '/windows', word: 'windows' },
  { to: '/alarm-health', word: 'health' },
] as const;

/** The pages around alarms, from one to the other. */
export function AlarmTabs() {
  const { t } = useTranslation();
  return (
    <Tabs
      name={t('alarm.pages')}
      tabs={TABS.map(({ to, word }) => ({ to, label: t(`alarm.tab.${word}`) }))}
      shown={useLocation().pathname}
    />
  );
}
