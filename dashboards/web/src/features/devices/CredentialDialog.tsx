import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import styles from './Devices.module.css';
import { type Device, type Issued, useIssue } from './queries';

const PORT = 8883;

/** What the broker said is worth reading also when it is away. */
export function useBrokerText() {
  const text = useFailureText();
  return (error: unknown) =>
    error instanceof ApiError && error.code === 'broker_away' ? error.message : text(error);
}

/** A log-in of the device's own, shown once. */
export function CredentialDialog({ device, onClose }: { device: Device; onClose: () => void }) {
  const { t } = useTranslation();
  const text = useBrokerText();
  const issue = useIssue();
  return (
    <Dialog title={t('onboarding.loginOf', { device: device.id })} onClose={onClose}>
      <div className={layout.form}>
        {issue.data ? (
          <Shown issued={issue.data} />
        ) : (
          <>
            <p>{t(device.identity ? 'onboarding.reissueMeans' : 'onboarding.issueMeans')}</p>
            {issue.error && <p role="alert">{text(issue.error)}</p>}
            <Button look="primary" isLarge isBusy={issue.isPending} onClick={() => issue.mutate(device.id)}>
              {t(device.identity ? 'onboarding.reissue' : 'onboarding.issue')}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Shown({ issued }: { issued: Issued }) {
  const { t } = useTranslation();
  const snippet = [
    `mosquitto_pub -h ${window.location.hostname} -p ${PORT} --cafile ca.crt -q 1 \\`,
    `  -i ${issued.client_id} -u ${issued.username} -P ${issued.password} \\`,
    `  -t ${issued.topic} -m '{"values": {"temperature": 21.5}}'`,
  ].join('\n');
  return (
    <>
      <p role="status">
        <strong>{t('onboarding.shownOnce')}</strong>
      </p>
      <Copied label={t('onboarding.username')} value={issued.username} />
      <Copied label={t('onboarding.clientId')} value={issued.client_id} />
      <Copied label={t('onboarding.password')} value={issued.password} />
      <div className={layout.form}>
        <span>{t('onboarding.tryIt')}</span>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by keyboard too. */}
        <pre className={styles.snippet} tabIndex={0}>
          {snippet}
        </pre>
        <Copy value={snippet} what={t('onboarding.snippet')} />
      </div>
    </>
  );
}

function Copied({ label, value }: { label: string; value: string }) {
  return (
    <div className={styles.copied}>
      <Field label={label} readOnly value={value} onFocus={(event) => event.target.select()} />
      <Copy value={value} what={label} />
    </div>
  );
}

/** Browsers offer the clipboard on https and this machine only. */
function Copy({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation();
  if (!window.isSecureContext) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    tell(t('onboarding.copied', { what }));
  };
  return (
    <Button onClick={copy} aria-label={t('onboarding.copyWhat', { what })}>
      {t('onboarding.copy')}
    </Button>
  );
}
