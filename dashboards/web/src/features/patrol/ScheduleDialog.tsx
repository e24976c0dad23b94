import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { WEEKDAYS, type Weekday, writeRule } from '@/nouns/schedules/weekly';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { Outlook } from './Outlook';
import { type Route, type Schedule, type ScheduleIn, useSaveSchedule } from './planning';
import { isPastMidnight, startOf } from './scheduleStart';
import { useAllTeams, useSentence } from './useSentence';

type Days = NonNullable<ScheduleIn['days']>;
const DAYS = ['any', 'work', 'off'] as const;

interface Props {
  schedule: Schedule | null;
  routes: Route[];
  onClose: () => void;
}

/** A timetable: the sentence above, what makes it up below, and what it would give before it is kept. */
export function ScheduleDialog({ schedule, routes, onClose }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const sentence = useSentence();
  const teams = useAllTeams().data?.items ?? [];
  const [first] = useState(() => startOf(schedule, routes));
  const known = first.repeat;
  const [route, setRoute] = useState(first.route);
  const [weekdays, setWeekdays] = useState<Weekday[]>(known?.days ?? []);
  const [every, setEvery] = useState(String(known?.every ?? 1));
  const [rule, setRule] = useState(first.rule);
  const [starts, setStarts] = useState(first.starts);
  const [minutes, setMinutes] = useState(first.minutes);
  const [days, setDays] = useState<Days>(first.days);
  const [from, setFrom] = useState(first.from);
  const [to, setTo] = useState(first.to);
  const [team, setTeam] = useState(first.team);
  const [person, setPerson] = useState(first.person);
  const [isOn, setIsOn] = useState(first.isOn);
  const chosen = routes.find((one) => String(one.id) === route);
  const members = teams.filter((one) => team === '' || String(one.id) === team).flatMap((one) => one.members);
  const people = [...new Map(members.map((one) => [one.id, one])).values()];
  const body: ScheduleIn = {
    route_id: Number(route),
    rrule: known ? writeRule({ every: Number(every) || 1, days: weekdays }) : rule,
    starts: starts.split(/[\s,，、]+/).filter(Boolean),
    window_s: Math.round(Number(minutes) * 60),
    days,
    valid_from: from,
    valid_to: to || null,
    team_id: team ? Number(team) : null,
    user_id: person ? Number(person) : null,
    enabled: isOn,
  };
  const save = useSaveSchedule();
  const preview = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/patrol/schedules/preview', {
          params: { query: schedule ? { instead_of: schedule.id } : {} },
          body,
        }),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { id: schedule?.id ?? null, body },
      {
        onSuccess: () => {
          tell(t('patrol.edit.saved'));
          onClose();
        },
      },
    );
  };
  const isEmpty = known !== null && weekdays.length === 0;
  const error = save.error ?? preview.error;
  return (
    <Dialog title={schedule ? t('action.edit') : t('patrol.schedule.new')} look="drawer" onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <p aria-live="polite">
          <strong>{sentence(body, chosen)}</strong>
        </p>
        <Choice
          label={t('patrol.schedule.route')}
          value={route}
          options={routes.map((one) => ({ value: String(one.id), label: label(one.name) }))}
          onPick={setRoute}
        />
        {known ? (
          <>
            <Checks
              legend={t('patrol.schedule.weekdays')}
              isRow
              options={WEEKDAYS.map((value) => ({ value, label: t(`patrol.schedule.weekday.${value}`) }))}
              picked={weekdays}
              onPick={setWeekdays}
            />
            <Field
              label={t('patrol.schedule.everyN')}
              type="number"
              min={1}
              max={52}
              value={every}
              onChange={(event) => setEvery(event.target.value)}
            />
          </>
        ) : (
          <Field
            label={t('patrol.schedule.rule')}
            required
            value={rule}
            onChange={(event) => setRule(event.target.value)}
          />
        )}
        <div className={layout.pair}>
          <Field
            label={t('patrol.schedule.starts')}
            hint={t('patrol.schedule.startsHint')}
            required
            value={starts}
            onChange={(event) => setStarts(event.target.value)}
          />
          <Field
            label={t('patrol.schedule.window')}
            type="number"
            min={1}
            required
            hint={
              body.starts.some((at) => isPastMidnight(at, body.window_s))
                ? t('patrol.schedule.nextDay')
                : undefined
            }
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
        </div>
        <div className={layout.pair}>
          <Choice
            label={t('patrol.schedule.team')}
            value={team}
            options={[
              { value: '', label: t('patrol.schedule.anyone') },
              ...teams.map((one) => ({ value: String(one.id), label: label(one.name) })),
            ]}
            onPick={setTeam}
          />
          <Choice
            label={t('patrol.schedule.person')}
            value={person}
            options={[
              { value: '', label: t('patrol.schedule.anyone') },
              ...people.map((one) => ({ value: String(one.id), label: one.display_name })),
            ]}
            onPick={setPerson}
          />
        </div>
        <Choice<Days>
          label={t('patrol.schedule.days')}
          value={days}
          options={DAYS.map((value) => ({ value, label: t(`patrol.schedule.daysOf.${value}`) }))}
          onPick={setDays}
        />
        <div className={layout.pair}>
          <Field
            label={t('patrol.schedule.from')}
            type="date"
            required
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <Field
            label={t('patrol.schedule.to')}
            type="date"
            hint={t('action.optional')}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
        <label>
          <input type="checkbox" checked={isOn} onChange={(event) => setIsOn(event.target.checked)} />{' '}
          {t('patrol.schedule.enabled')}
        </label>
        <div className={layout.tools}>
          <Button
            isBusy={preview.isPending}
            disabled={isEmpty}
            onClick={() => {
              save.reset();
              preview.mutate();
            }}
          >
            {t('patrol.schedule.preview')}
          </Button>
        </div>
        {preview.data && <Outlook outlook={preview.data} />}
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending} disabled={isEmpty}>
          {t('action.save')}
        </Button>
      </form>
    </Dialog>
  );
}
