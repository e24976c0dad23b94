import dayjs from 'dayjs';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field, TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { type MaintenanceWindow, useEndWindow, useExtendWindow } from './queries';

/** As a field for date and time wants it. */
export const INPUT = 'YYYY-MM-DDTHH:mm';

interface Props {
  window: MaintenanceWindow;
  onClose: () => void;
}

/** Another end, with the reason for it; it may also be an earlier one. */
export function ExtendDialog({ window, onClose }: Props) {
  const { t } = useTranslation();
  const { label, zone } = useFormat();
  const failure = useFailureText();
  const extend = useExtendWindow(window.id);
  const [ends, setEnds] = useState(dayjs(window.ends_at).add(1, 'hour').tz(zone).format(INPUT));
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    extend.mutate(
      { ends_at: dayjs.tz(ends, zone).toISOString(), reason: reason.trim() },
      {
        onSuccess: () => {
          tell(t('window.extended'));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={t('window.extendTitle', { name: label(window.node.name) })} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <Field
          label={t('window.newEnd')}
          hint={t('window.zone', { zone })}
          type="datetime-local"
          required
          value={ends}
          onChange={(event) => setEnds(event.target.value)}
        />
        <TextArea
          label={t('window.whyLonger')}
          value={reason}
          required
          minLength={2}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        {extend.error && <p role="alert">{failure(extend.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={extend.isPending}>
          {t('window.extend')}
        </Button>
      </form>
    </Dialog>
  );
}

export function EndDialog({ window, onClose }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const failure = useFailureText();
  const end = useEndWindow();
  const isPlanned = window.state === 'planned';
  const go = () =>
    end.mutate(window.id, {
      onSuccess: () => {
        tell(t('window.ended'));
        onClose();
      },
    });
  return (
    <Dialog title={t('window.endTitle', { name: label(window.node.name) })} onClose={onClose}>
      <div className={layout.form}>
        <p>{t(isPlanned ? 'window.endPlannedMeans' : 'window.endMeans')}</p>
        {end.error && <p role="alert">{failure(end.error)}</p>}
        <Button look="primary" isLarge isBusy={end.isPending} onClick={go}>
          {t('window.endNow')}
        </Button>
      </div>
    </Dialog>
  );
}
