import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { type Device, useReplace } from './queries';

/** The points stay what they are, with their history, alarms and tickets; only where they come from changes. */
export function ReplaceDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const replace = useReplace();
  const [by, setBy] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    replace.mutate(
      { device: device.id, by: by.trim() },
      {
        onSuccess: (done) => {
          tell(t('onboarding.replaced', { count: done.points.length, device: by.trim() }));
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={t('onboarding.replaceTitle', { device: device.id })} onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <p>{t('onboarding.replaceMeans', { count: device.points.length })}</p>
        <Field
          label={t('onboarding.newDevice')}
          hint={t('onboarding.deviceIdHint')}
          value={by}
          required
          maxLength={64}
          autoCapitalize="none"
          onChange={(event) => setBy(event.target.value)}
        />
        {device.identity && <p className="quiet">{t('onboarding.replaceLogin')}</p>}
        {replace.error && <p role="alert">{text(replace.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={replace.isPending}>
          {t('onboarding.replace')}
        </Button>
      </form>
    </Dialog>
  );
}
