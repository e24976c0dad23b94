import dayjs from 'dayjs';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useTakeOut } from '@/nouns/windows/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field, TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';

/** Out of service until somebody puts it back: for work that has no sure end. */
export function OutageDialog({ asset, onClose }: { asset: AssetDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const { label, zone } = useFormat();
  const failure = useFailureText();
  const takeOut = useTakeOut(asset.id);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    takeOut.mutate(
      { reason: reason.trim(), until: until ? dayjs.tz(until, zone).toISOString() : null },
      {
        onSuccess: () => {
          tell(t('outage.isOut', { name: label(asset.name) }));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={t('outage.takeOutTitle', { name: label(asset.name) })} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <p>{t('outage.means')}</p>
        <TextArea
          label={t('alarm.reason')}
          value={reason}
          required
          minLength={2}
          maxLength={2000}
          onChange={(event) => setReason(event.target.value)}
        />
        <Field
          label={t('outage.expected')}
          hint={`${t('outage.expectedHint')} ${t('window.zone', { zone })}`}
          type="datetime-local"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
        {takeOut.error && <p role="alert">{failure(takeOut.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={takeOut.isPending}>
          {t('outage.takeOut')}
        </Button>
      </form>
    </Dialog>
  );
}
