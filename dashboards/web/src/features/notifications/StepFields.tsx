import { useTranslation } from 'react-i18next';
import { useUsers } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { Field } from '@/ui/Field';
import styles from './Notifications.module.css';
import { type Step, useChannels } from './queries';
import { useTeamNames, type Who } from './stepText';

const ROLES = ['guard', 'engineer', 'admin'] as const;
const WAYS = ['push', 'email'] as const;
const ALL = 'all';

interface Props {
  number: number;
  step: Step;
  onChange: (step: Step) => void;
  onRemove: (() => void) | null;
}

export function StepFields({ number, step, onChange, onRemove }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const teams = useTeamNames().data ?? [];
  const users = useUsers().data?.items ?? [];
  const groups = (useChannels().data?.items ?? []).filter((channel) => channel.kind !== 'email');
  const people: { value: string; label: string }[] = [
    { value: write({ type: 'on_call', team_id: null }), label: t('notify.onCall') },
    ...teams.map((team) => ({
      value: write({ type: 'on_call', team_id: team.id }),
      label: t('notify.onCallOf', { name: label(team.name) }),
    })),
    ...ROLES.map((role) => ({ value: write({ type: 'role', role }), label: t(`notify.everyOf.${role}`) })),
    ...users
      .filter((user) => !user.disabled_at)
      .map((user) => ({ value: write({ type: 'person', user_id: user.id }), label: user.display_name })),
  ];
  const picked = step.groups === 'all' ? [ALL] : (step.groups ?? []).map(String);
  return (
    <fieldset className={styles.step}>
      <legend>{t('notify.stepNumber', { number })}</legend>
      <Field
        label={t('notify.afterMinutes')}
        type="number"
        min={0}
        max={2880}
        value={step.after_min}
        required
        onChange={(e) => onChange({ ...step, after_min: Number(e.target.value) })}
      />
      <Checks
        legend={t('notify.whoIsTold')}
        options={people}
        picked={step.who.map(write)}
        onPick={(keys) => onChange({ ...step, who: keys.map(read) })}
      />
      <Checks
        legend={t('notify.waysInOrder')}
        isRow
        options={WAYS.map((value) => ({ value, label: t(`notify.way.${value}`) }))}
        picked={step.ways ?? []}
        onPick={(ways) => onChange({ ...step, ways })}
      />
      <Checks
        legend={t('notify.groupsInOrder')}
        options={[
          { value: ALL, label: t('notify.allGroups') },
          ...groups.map((channel) => ({ value: String(channel.id), label: channel.name })),
        ]}
        picked={picked}
        onPick={(keys) => onChange({ ...step, groups: chosen(keys, picked) })}
      />
      {onRemove && <Button onClick={onRemove}>{t('notify.removeStep')}</Button>}
    </fieldset>
  );
}

/** ``all`` and single groups exclude each other: what was ticked last counts. */
function chosen(keys: string[], before: string[]): Step['groups'] {
  if (keys.includes(ALL) && !before.includes(ALL)) return 'all';
  return keys.filter((key) => key !== ALL).map(Number);
}

function write(who: Who): string {
  if (who.type === 'role') return `role:${who.role}`;
  if (who.type === 'person') return `person:${who.user_id}`;
  return `on_call:${who.team_id ?? ''}`;
}

function read(key: string): Who {
  const [type, value = ''] = key.split(':');
  if (type === 'role') return { type, role: ROLES.find((role) => role === value) ?? 'engineer' };
  if (type === 'person') return { type, user_id: Number(value) };
  return { type: 'on_call', team_id: value ? Number(value) : null };
}
