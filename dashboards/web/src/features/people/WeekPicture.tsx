import { useTranslation } from 'react-i18next';
import { instantMs, useFormat } from '@/text/format';
import styles from './People.module.css';
import type { Week, Working } from './queries';
import { dayName, hoursOf, namesOf } from './words';

interface Props {
  week: Week;
  onPick: (working: Working) => void;
}

/** Seven days as one axis of time, a row for each shift; a night reaches over midnight as it does. */
export function WeekPicture({ week, onPick }: Props) {
  const { t } = useTranslation();
  const { label, list, language, clock } = useFormat();
  const start = instantMs(week.days[0]?.starts_at ?? 0);
  const end = instantMs(week.days.at(-1)?.ends_at ?? 1);
  const at = (ms: number) => `${(100 * (Math.min(Math.max(ms, start), end) - start)) / (end - start)}%`;
  const wide = (from: number, to: number) =>
    `${(100 * (Math.min(to, end) - Math.max(from, start))) / (end - start)}%`;
  const now = instantMs(week.now);
  const shifts = [...new Set(week.workings.map((one) => one.shift_id))];
  const rows = shifts
    .map((id) => week.workings.filter((one) => one.shift_id === id))
    .sort((a, b) => orderOf(a[0], clock).localeCompare(orderOf(b[0], clock)));
  return (
    <div className={styles.week}>
      <div className={styles.weekHead} aria-hidden="true">
        <span />
        <div className={styles.track}>
          {week.days.map((day) => (
            <span
              key={day.day}
              className={`${styles.day} ${day.kind === 'off' ? styles.off : ''}`}
              style={{
                left: at(instantMs(day.starts_at)),
                width: wide(instantMs(day.starts_at), instantMs(day.ends_at)),
              }}
            >
              <strong>{dayName(day.day, language)}</strong> {day.day.slice(5)}
              <small>{day.name ? label(day.name) : day.kind === 'off' ? t('people.off') : '\u00a0'}</small>
            </span>
          ))}
        </div>
      </div>
      {rows.map((row) => {
        const first = row[0];
        if (!first) return null;
        return (
          <section key={first.shift_id} className={styles.weekRow} aria-label={label(first.shift)}>
            <div className={styles.weekLabel}>
              <strong>{label(first.shift)}</strong>
              <span className="quiet small">{label(first.team)}</span>
            </div>
            <div className={styles.track}>
              {week.days
                .filter((day) => day.kind === 'off')
                .map((day) => (
                  <span
                    key={day.day}
                    className={styles.shade}
                    style={{
                      left: at(instantMs(day.starts_at)),
                      width: wide(instantMs(day.starts_at), instantMs(day.ends_at)),
                    }}
                  />
                ))}
              {row.map((one) => {
                const from = instantMs(one.starts_at);
                const to = instantMs(one.ends_at);
                const who = list(namesOf(one)) || t('people.nobody');
                const changed = one.absent.length > 0 || one.people.some((duty) => duty.replaces);
                return (
                  <button
                    key={one.day}
                    type="button"
                    className={`${styles.block} ${one.is_on ? styles.on : ''} ${changed ? styles.changed : ''}`}
                    style={{ left: at(from), width: wide(from, to) }}
                    title={`${hoursOf(one, clock)}  ${who}`}
                    aria-label={`${one.day} ${hoursOf(one, clock)}: ${who}${one.is_on ? `, ${t('people.onNow')}` : ''}`}
                    onClick={() => onPick(one)}
                  >
                    {who}
                  </button>
                );
              })}
              {now >= start && now < end && (
                <span className={styles.now} style={{ left: at(now) }} title={t('people.now')} />
              )}
            </div>
          </section>
        );
      })}
    </div>
  );
}

/** Team by team, each from its morning on. */
function orderOf(one: Working | undefined, clock: (at: string) => string): string {
  return one ? `${String(one.team_id).padStart(9, '0')} ${clock(one.starts_at)}` : '';
}
