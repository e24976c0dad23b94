import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Alarm, useShelve } from '@/nouns/alarms/queries';
import { useMay } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';

const HOURS = ['1', '2', '4', '8'];
const LONGER = ['24', '72', '168'];
const HOUR_MS = 3_600_000;

interface Props {
  alarms: Pick<Alarm, 'id' | 'life_safety'>[];
  onClose: () => void;
  onDone: () => void;
}

/** Quiet for a time and with a reason; where lives may hang on it, only after a second word. */
export function ShelveDialog({ alarms, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const shelve = useShelve();
  const isAdmin = useMay('admin');
  const [hours, setHours] = useState('2');
  const [reason, setReason] = useState('');
  const [isConfirmed, setConfirmed] = useState(false);
  const hasLives = alarms.some((alarm) => alarm.life_safety);
  const refused = shelve.data?.refused ?? [];
  const options = [...HOURS, ...(isAdmin ? LONGER : [])].map((value) => ({
    value,
    label:
      Number(value) < 24
        ? t('alarm.hours', { count: Number(value) })
        : t('alarm.days', { count: Number(value) / 24 }),
  }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const ends_at = new Date(Date.now() + Number(hours) * HOUR_MS).toISOString();
    const ids = alarms.map((alarm) => alarm.id);
    const body = { ids, ends_at, reason: reason.trim(), confirm_life_safety: isConfirmed };
    const result = await shelve.mutateAsync(body).catch(() => undefined);
    if (!result) return;
    if (result.shelved.length) tell(t('alarm.shelved', { count: result.shelved.length }));
    if (!result.refused.length) onDone();
  };
  return (
    <Dialog title={t('alarm.shelveCount', { count: alarms.length })} onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <p>{t('alarm.shelveMeans')}</p>
        <Choice label={t('alarm.forHowLong')} value={hours} options={options} onPick={setHours} />
        <TextArea
          label={t('alarm.reason')}
          value={reason}
          required
          minLength={2}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        {hasLives && (
          <label>
            <input
              type="checkbox"
              required
              checked={isConfirmed}
              onChange={(event) => setConfirmed(event.target.checked)}
            />{' '}
            <strong>{t('alarm.livesHangOnIt')}</strong>
          </label>
        )}
        {shelve.error && <p role="alert">{text(shelve.error)}</p>}
        {refused.length > 0 && (
          <ul role="alert">
            {refused.map((one) => (
              <li key={one.id}>{one.detail}</li>
            ))}
          </ul>
        )}
        <Button type="submit" look="primary" isLarge isBusy={shelve.isPending}>
          {t('alarm.shelve')}
        </Button>
      </form>
    </Dialog>
  );
}
