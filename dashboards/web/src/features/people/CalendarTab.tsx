import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { Icon } from '@/ui/icons';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { tell } from '@/ui/toasts';
import styles from './People.module.css';
import { useCalendar, useSetDay, useTakeOverCalendar } from './queries';
import { dayName } from './words';

/** Days that are not what their weekday says: holidays, and weekend days that are worked. */
export function CalendarTab({ site }: { site: number }) {
  const { t } = useTranslation();
  const { label, language } = useFormat();
  const text = useFailureText();
  const mayEdit = useMay('admin');
  const [year, setYear] = useState(new Date().getFullYear());
  const query = useCalendar(site, year);
  const setDay = useSetDay(site);
  const takeOver = useTakeOverCalendar(site);
  const error = setDay.error ?? takeOver.error;
  return (
    <div className={styles.calendar}>
      <Panel
        title={String(year)}
        actions={
          <>
            <Button onClick={() => setYear(year - 1)} aria-label={String(year - 1)}>
              <Icon name="back" size={16} />
            </Button>
            <Button onClick={() => setYear(year + 1)} aria-label={String(year + 1)}>
              <Icon name="next" size={16} />
            </Button>
          </>
        }
      >
        {error && <p role="alert">{text(error)}</p>}
        <Loaded
          query={query}
          lines={8}
          isEmpty={(data) => data.days.length === 0}
          empty={<Empty title={t('people.noDays')}>{t('people.noDaysHint')}</Empty>}
        >
          {(data) => (
            <ul className={styles.calendarDays}>
              {data.days.map((day) => (
                <li key={day.day}>
                  <span className="nowrap">
                    {day.day} {dayName(day.day, language)}
                  </span>
                  <span>{t(`people.kind.${day.kind}`)}</span>
                  <span className={styles.grow}>{label(day.name)}</span>
                  {mayEdit && (
                    <Button
                      look="quiet"
                      aria-label={t('people.clearDay', { day: day.day })}
                      onClick={() => setDay.mutate({ day: day.day, body: null })}
                    >
                      <Icon name="close" size={16} />
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
      {mayEdit && (
        <div className={layout.form}>
          <AddDay site={site} />
          <Panel title={t('people.shipped')}>
            <p className="quiet">{t('people.shippedHint')}</p>
            <div className={layout.tools}>
              {query.data?.shipped.map((one) => (
                <Button
                  key={one.key}
                  isBusy={takeOver.isPending}
                  onClick={() => takeOver.mutate(one.key, { onSuccess: () => tell(t('people.saved')) })}
                >
                  {label(one.name)}
                </Button>
              ))}
            </div>
          </Panel>
        </div>
      )}
    </div>
  );
}

function AddDay({ site }: { site: number }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [day, setDay] = useState('');
  const [kind, setKind] = useState<'work' | 'off'>('off');
  const [name, setName] = useState('');
  const save = useSetDay(site);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { kind, name: { en: name.trim(), zh: name.trim() } };
    save.mutate(
      { day, body },
      {
        onSuccess: () => {
          tell(t('people.saved'));
          setName('');
        },
      },
    );
  };
  return (
    <Panel title={t('people.addDay')}>
      <form onSubmit={submit} className={layout.form}>
        <Field
          label={t('people.day')}
          type="date"
          value={day}
          required
          onChange={(e) => setDay(e.target.value)}
        />
        <Segmented
          label={t('people.dayKind')}
          value={kind}
          options={(['off', 'work'] as const).map((value) => ({ value, label: t(`people.kind.${value}`) }))}
          onPick={setKind}
        />
        <Field
          label={t('people.dayName')}
          value={name}
          required
          maxLength={120}
          onChange={(e) => setName(e.target.value)}
        />
        {save.error && <p role="alert">{text(save.error)}</p>}
        <Button type="submit" isBusy={save.isPending}>
          {t('action.save')}
        </Button>
      </form>
    </Panel>
  );
}
