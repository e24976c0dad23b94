import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { type Device, useNameDevice } from './queries';

export function NameDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const change = useNameDevice();
  const [name, setName] = useState(device.name ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ device: device.id, name: name.trim() }, { onSuccess: onClose });
  };
  return (
    <Dialog title={t('onboarding.renameTitle', { device: device.id })} onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <Field
          label={t('onboarding.deviceName')}
          hint={t('onboarding.deviceNameHint')}
          value={name}
          maxLength={120}
          onChange={(event) => setName(event.target.value)}
        />
        {change.error && <p role="alert">{text(change.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={change.isPending}>
          {t('action.save')}
        </Button>
      </form>
    </Dialog>
  );
}
