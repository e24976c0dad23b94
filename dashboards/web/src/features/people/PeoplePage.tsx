import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import { TabbedPage } from '@/ui/TabbedPage';
import { CalendarTab } from './CalendarTab';
import { TeamsTab } from './TeamsTab';
import { WeekTab } from './WeekTab';

const TABS = { week: WeekTab, teams: TeamsTab, calendar: CalendarTab } as const;
type Tab = keyof typeof TABS;

/** Who works when: the week as a picture, the teams with their shifts, the work calendar. */
export function PeoplePage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const asked = useParams().tab;
  const tab = (Object.keys(TABS) as Tab[]).find((known) => known === asked) ?? 'week';
  const spaces = useSpaces();
  const [picked, setPicked] = useState<string | null>(null);
  const Body = TABS[tab];
  return (
    <TabbedPage
      title={t('people.title')}
      tabs={(Object.keys(TABS) as Tab[]).map((known) => ({
        to: `/people/${known}`,
        label: t(`people.tab.${known}`),
        explain: t(`people.explain.${known}`),
      }))}
      shown={`/people/${tab}`}
    >
      <Loaded query={spaces} lines={6}>
        {(data) => {
          const sites = data.filter((space) => space.kind === 'site');
          const site = sites.find((one) => String(one.id) === picked) ?? sites[0];
          if (!site) return <Empty title={t('people.noSite')} />;
          return (
            <>
              {sites.length > 1 && (
                <Choice
                  label={t('people.site')}
                  value={String(site.id)}
                  options={sites.map((one) => ({ value: String(one.id), label: label(one.name) }))}
                  onPick={setPicked}
                />
              )}
              <Body site={site.id} />
            </>
          );
        }}
      </Loaded>
    </TabbedPage>
  );
}
