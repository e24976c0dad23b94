import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { useBrokerText } from './CredentialDialog';
import { type Device, useWithdraw } from './queries';

export function WithdrawDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useBrokerText();
  const withdraw = useWithdraw();
  const go = () =>
    withdraw.mutate(device.id, {
      onSuccess: () => {
        tell(t('onboarding.withdrawn', { device: device.id }));
        onClose();
      },
    });
  return (
    <Dialog title={t('onboarding.withdrawTitle', { device: device.id })} onClose={onClose}>
      <div className={layout.form}>
        <p>{t('onboarding.withdrawMeans')}</p>
        {withdraw.error && <p role="alert">{text(withdraw.error)}</p>}
        <Button look="danger" isLarge isBusy={withdraw.isPending} onClick={go}>
          {t('onboarding.withdraw')}
        </Button>
      </div>
    </Dialog>
  );
}
