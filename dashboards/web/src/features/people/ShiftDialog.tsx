import dayjs from 'dayjs';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readRule, WEEKDAYS, type Weekday, writeRule } from '@/nouns/schedules/weekly';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NAMELESS, NameFields } from '@/ui/NameFields';
import { tell } from '@/ui/toasts';
import { type Shift, type Team, useDeleteShift, useSaveShift } from './queries';

interface Props {
  team: Team;
  shift: Shift | null;
  onClose: () => void;
}

type Days = Shift['days'];

export function ShiftDialog({ team, shift, onClose }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const [name, setName] = useState(shift?.name ?? NAMELESS);
  const [starts, setStarts] = useState(shift?.starts ?? '08:00');
  const [ends, setEnds] = useState(shift?.ends ?? '20:00');
  const known = readRule(shift?.rrule ?? 'FREQ=DAILY');
  const [weekdays, setWeekdays] = useState<Weekday[]>(known?.days ?? []);
  const [every, setEvery] = useState(known?.every ?? 1);
  const [rule, setRule] = useState(shift?.rrule ?? '');
  const [days, setDays] = useState<Days>(shift?.days ?? 'any');
  const [from, setFrom] = useState(shift?.valid_from ?? dayjs().format('YYYY-MM-DD'));
  const [to, setTo] = useState(shift?.valid_to ?? '');
  const [members, setMembers] = useState(shift?.members.map((one) => one.id) ?? []);
  const save = useSaveShift();
  const remove = useDeleteShift();
  const done = () => {
    tell(t('people.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const rrule = known ? writeRule({ every, days: weekdays }) : rule;
    const body = {
      name,
      starts,
      ends,
      rrule,
      days,
      valid_from: from,
      valid_to: to || null,
      members,
    };
    save.mutate({ id: shift?.id ?? null, team: team.id, body }, { onSuccess: done });
  };
  const error = save.error ?? remove.error;
  return (
    <Dialog
      title={`${label(team.name)} · ${shift ? label(shift.name) : t('people.addShift')}`}
      look="drawer"
      onClose={onClose}
    >
      <form onSubmit={submit} className={layout.form}>
        <div className={layout.pair}>
          <NameFields name={name} onChange={setName} />
        </div>
        <div className={layout.pair}>
          <Field
            label={t('people.starts')}
            type="time"
            value={starts}
            required
            onChange={(e) => setStarts(e.target.value)}
          />
          <Field
            label={t('people.ends')}
            type="time"
            value={ends}
            required
            hint={ends <= starts ? t('people.nextDay') : undefined}
            onChange={(e) => setEnds(e.target.value)}
          />
        </div>
        {known ? (
          <>
            <Checks
              legend={t('people.weekdays')}
              isRow
              options={WEEKDAYS.map((value) => ({ value, label: t(`people.weekday.${value}`) }))}
              picked={weekdays}
              onPick={setWeekdays}
            />
            <Field
              label={t('people.everyN')}
              type="number"
              min={1}
              max={52}
              value={every}
              onChange={(e) => setEvery(Number(e.target.value) || 1)}
            />
          </>
        ) : (
          <Field label={t('people.rule')} value={rule} required onChange={(e) => setRule(e.target.value)} />
        )}
        <Choice<Days>
          label={t('people.calendarDays')}
          value={days}
          options={(['any', 'work', 'off'] as const).map((value) => ({
            value,
            label: t(`people.onDays.${value}`),
          }))}
          onPick={setDays}
        />
        <div className={layout.pair}>
          <Field
            label={t('people.validFrom')}
            type="date"
            value={from}
            required
            onChange={(e) => setFrom(e.target.value)}
          />
          <Field
            label={t('people.validTo')}
            type="date"
            value={to}
            hint={t('action.optional')}
            onChange={(e) => setTo(e.target.value)}
          />
        </div>
        <Checks
          legend={t('people.whoHasIt')}
          options={team.members.map((one) => ({ value: one.id, label: one.display_name }))}
          picked={members}
          onPick={setMembers}
        />
        {error && <p role="alert">{text(error)}</p>}
        <Button
          type="submit"
          look="primary"
          isLarge
          isBusy={save.isPending}
          disabled={known !== null && weekdays.length === 0}
        >
          {t('action.save')}
        </Button>
        {shift && (
          <ConfirmButton
            title={t('people.deleteShiftSure', { name: label(shift.name) })}
            deed={t('people.deleteShift')}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate(shift.id, { onSuccess: done })}
          >
            {t('people.deleteShiftMeans')}
          </ConfirmButton>
        )}
      </form>
    </Dialog>
  );
}
