import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { useIsPhone } from '@/ui/screen';
import styles from './People.module.css';
import { useWeek, type Week, type Working } from './queries';
import { WeekList } from './WeekList';
import { WeekPicture } from './WeekPicture';
import { WorkingDialog } from './WorkingDialog';

export function WeekTab({ site }: { site: number }) {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const [first, setFirst] = useState<string | null>(null);
  const [shown, setShown] = useState<Working | null>(null);
  const query = useWeek(site, first);
  return (
    <Loaded query={query} lines={8}>
      {(week) => {
        const start = week.days[0]?.day ?? '';
        const move = (days: number) => setFirst(dayjs(start).add(days, 'day').format('YYYY-MM-DD'));
        const Picture = isPhone ? WeekList : WeekPicture;
        return (
          <>
            {first === null && <OnNow week={week} onPick={setShown} />}
            <Panel
              title={`${start} – ${week.days.at(-1)?.day ?? ''}`}
              actions={
                <>
                  <Button onClick={() => move(-7)} aria-label={t('people.weekBefore')}>
                    <Icon name="back" size={16} />
                  </Button>
                  <Button onClick={() => setFirst(null)} disabled={first === null}>
                    {t('people.thisWeek')}
                  </Button>
                  <Button onClick={() => move(7)} aria-label={t('people.weekAfter')}>
                    <Icon name="next" size={16} />
                  </Button>
                </>
              }
            >
              {week.workings.length === 0 ? (
                <Empty title={t('people.noShifts')}>{t('people.noShiftsHint')}</Empty>
              ) : (
                <Picture week={week} onPick={setShown} />
              )}
            </Panel>
            {shown && <WorkingDialog site={site} working={shown} onClose={() => setShown(null)} />}
          </>
        );
      }}
    </Loaded>
  );
}

function OnNow({ week, onPick }: { week: Week; onPick: (working: Working) => void }) {
  const { t } = useTranslation();
  const { label, list, short } = useFormat();
  const on = week.workings.filter((one) => one.is_on);
  return (
    <Panel title={t('people.onNow')}>
      {on.length === 0 && <p>{t('people.nobodyOn')}</p>}
      <ul className={styles.onNow}>
        {on.map((one) => (
          <li key={`${one.shift_id} ${one.day}`}>
            <button type="button" className={styles.team} onClick={() => onPick(one)}>
              <span className="quiet small">
                {label(one.team)} · {label(one.shift)}
              </span>
              <strong>{list(one.people.map((duty) => duty.user.display_name)) || t('people.nobody')}</strong>
              <span className="quiet small">{t('people.until', { time: short(one.ends_at) })}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
