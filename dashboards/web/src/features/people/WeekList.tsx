import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import styles from './People.module.css';
import type { Week, Working } from './queries';
import { dayName, hoursOf, namesOf } from './words';

/** The week on a phone: day below day. */
export function WeekList({ week, onPick }: { week: Week; onPick: (working: Working) => void }) {
  const { t } = useTranslation();
  const { label, list, language, clock } = useFormat();
  return (
    <ol className={styles.days}>
      {week.days.map((day) => (
        <li key={day.day}>
          <h3>
            {dayName(day.day, language)} {day.day.slice(5)}{' '}
            <span className="quiet small">
              {day.name ? label(day.name) : day.kind === 'off' ? t('people.off') : ''}
            </span>
          </h3>
          {week.workings
            .filter((one) => one.day === day.day)
            .map((one) => (
              <button
                key={one.shift_id}
                type="button"
                className={`${styles.line} ${one.is_on ? styles.on : ''}`}
                onClick={() => onPick(one)}
              >
                <span className="quiet small">
                  {hoursOf(one, clock)} · {label(one.team)} · {label(one.shift)}
                  {one.is_on && ` · ${t('people.onNow')}`}
                </span>
                <strong>{list(namesOf(one)) || t('people.nobody')}</strong>
              </button>
            ))}
        </li>
      ))}
    </ol>
  );
}
