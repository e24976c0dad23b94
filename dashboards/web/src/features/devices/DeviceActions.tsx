import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { CredentialDialog } from './CredentialDialog';
import styles from './Devices.module.css';
import { NameDialog } from './NameDialog';
import type { Device } from './queries';
import { ReplaceDialog } from './ReplaceDialog';
import { WithdrawDialog } from './WithdrawDialog';

const DIALOGS = {
  credential: CredentialDialog,
  name: NameDialog,
  replace: ReplaceDialog,
  withdraw: WithdrawDialog,
};

/** What an administrator can do with a device; each asks before it does it. */
export function DeviceActions({ device }: { device: Device }) {
  const { t } = useTranslation();
  const [act, setAct] = useState<keyof typeof DIALOGS | null>(null);
  const Asked = act && DIALOGS[act];
  return (
    <div className={styles.actions}>
      <Button onClick={() => setAct('credential')}>
        {t(device.identity ? 'onboarding.reissue' : 'onboarding.issue')}
      </Button>
      {device.identity && <Button onClick={() => setAct('withdraw')}>{t('onboarding.withdraw')}</Button>}
      {device.points.length > 0 && (
        <>
          <Button onClick={() => setAct('replace')}>{t('onboarding.replace')}</Button>
          <Button onClick={() => setAct('name')}>{t('onboarding.rename')}</Button>
        </>
      )}
      {Asked && <Asked device={device} onClose={() => setAct(null)} />}
    </div>
  );
}
