import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useParams } from 'react-router';
import { useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';
import { CalendarTab } from './CalendarTab';
import styles from './People.module.css';
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
  useTitle(t(`people.tab.${tab}`));
  return (
    <>
      <PageHead title={t('people.title')} under={t(`people.explain.${tab}`)} />
      <nav className={styles.tabs} aria-label={t('people.title')}>
        {(Object.keys(TABS) as Tab[]).map((known) => (
          <NavLink
            key={known}
            to={`/people/${known}`}
            className={known === tab ? styles.here : undefined}
            aria-current={known === tab ? 'page' : undefined}
          >
            {t(`people.tab.${known}`)}
          </NavLink>
        ))}
      </nav>
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
    </>
  );
}
