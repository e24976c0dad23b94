import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readRule, WEEKDAYS } from '@/nouns/schedules/weekly';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import styles from './People.module.css';
import { type Shift, type Team, useTeams } from './queries';
import { ShiftDialog } from './ShiftDialog';
import { TeamDialog } from './TeamDialog';

export function TeamsTab({ site }: { site: number }) {
  const { t } = useTranslation();
  const mayEdit = useMay('admin');
  const query = useTeams(site);
  const [team, setTeam] = useState<Team | 'new' | null>(null);
  const [shift, setShift] = useState<{ team: Team; shift: Shift | null } | null>(null);
  return (
    <>
      {mayEdit && (
        <div className={layout.tools}>
          <Button look="primary" onClick={() => setTeam('new')}>
            {t('people.addTeam')}
          </Button>
        </div>
      )}
      <Loaded
        query={query}
        lines={6}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('people.noTeams')}>{t('people.noTeamsHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {data.items.map((one) => (
              <TeamCard
                key={one.id}
                team={one}
                mayEdit={mayEdit}
                onEdit={() => setTeam(one)}
                onShift={(chosen) => setShift({ team: one, shift: chosen })}
              />
            ))}
          </div>
        )}
      </Loaded>
      {team && <TeamDialog site={site} team={team === 'new' ? null : team} onClose={() => setTeam(null)} />}
      {shift && <ShiftDialog team={shift.team} shift={shift.shift} onClose={() => setShift(null)} />}
    </>
  );
}

interface CardProps {
  team: Team;
  mayEdit: boolean;
  onEdit: () => void;
  onShift: (shift: Shift | null) => void;
}

function TeamCard({ team, mayEdit, onEdit, onShift }: CardProps) {
  const { t } = useTranslation();
  const { label, list } = useFormat();
  const repeat = useRepeatText();
  return (
    <Panel title={label(team.name)} actions={mayEdit && <Button onClick={onEdit}>{t('action.edit')}</Button>}>
      <p>
        {list(team.members.map((person) => person.display_name)) || (
          <span className="quiet">{t('people.noMembers')}</span>
        )}
      </p>
      <ul className={styles.shifts}>
        {team.shifts.map((shift) => (
          <li key={shift.id}>
            <div>
              <strong>{label(shift.name)}</strong>{' '}
              <span className="nowrap">
                {shift.starts}–{shift.ends}
              </span>
              <div className="quiet small">
                {repeat(shift)}
                {shift.days !== 'any' && ` · ${t(`people.onDays.${shift.days}`)}`}
              </div>
              <div className="small">{list(shift.members.map((person) => person.display_name))}</div>
            </div>
            {mayEdit && (
              <Button
                onClick={() => onShift(shift)}
                aria-label={t('people.editShift', { name: label(shift.name) })}
              >
                {t('action.edit')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayEdit && <Button onClick={() => onShift(null)}>{t('people.addShift')}</Button>}
    </Panel>
  );
}

function useRepeatText() {
  const { t } = useTranslation();
  return (shift: Shift) => {
    const found = readRule(shift.rrule);
    if (!found) return shift.rrule;
    const days =
      found.days.length === WEEKDAYS.length
        ? t('people.everyDay')
        : found.days.map((day) => t(`people.weekday.${day}`)).join(' ');
    return found.every > 1 ? `${t('people.everyWeeks', { count: found.every })} · ${days}` : days;
  };
}
