import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import styles from './Notifications.module.css';
import {
  type Channel,
  type ChannelKind,
  type ChannelWrite,
  useDeleteChannel,
  useSaveChannel,
} from './queries';

const KINDS: ChannelKind[] = ['email', 'dingtalk', 'wecom', 'feishu', 'webhook'];
const SECURITY = ['tls', 'starttls', 'none'] as const;
const LANGUAGES = ['zh', 'en'] as const;

interface Props {
  channel: Channel | null;
  onClose: () => void;
}

/** Secrets are typed in and never shown again; an empty field leaves the one that is set. */
export function ChannelDialog({ channel, onClose }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'email');
  const [name, setName] = useState(channel?.name ?? '');
  const [isOn, setOn] = useState(channel?.enabled ?? true);
  const [settings, setSettings] = useState<NonNullable<ChannelWrite['settings']>>(
    channel?.settings ?? { language: 'zh' },
  );
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const save = useSaveChannel();
  const remove = useDeleteChannel();
  const set = (key: string, value: string | number | null) => setSettings({ ...settings, [key]: value });
  const done = () => {
    tell(t('notify.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value));
    const body = { kind, name, enabled: isOn, settings, secrets: given };
    save.mutate({ channel, body }, { onSuccess: done });
  };
  const secret = (key: 'url' | 'secret' | 'password', isRequired: boolean) => {
    const isSet = channel?.secrets_set.includes(key) ?? false;
    return (
      <Field
        label={t(`notify.secret.${key}`)}
        type={key === 'url' ? 'url' : 'password'}
        autoComplete="off"
        value={secrets[key] ?? ''}
        required={isRequired && !isSet}
        placeholder={isSet ? t('notify.isSet') : undefined}
        hint={hintOf(key)}
        onChange={(e) => setSecrets({ ...secrets, [key]: e.target.value })}
      />
    );
  };
  const hintOf = (key: string) => {
    if (key === 'url' && kind !== 'email') return t(`notify.urlHint.${kind}`);
    if (key === 'secret' && kind !== 'email' && kind !== 'wecom') return t(`notify.secretHint.${kind}`);
    return undefined;
  };
  const error = save.error ?? remove.error;
  return (
    <Dialog title={channel?.name ?? t('notify.addChannel')} look="drawer" onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        {!channel && (
          <Choice<ChannelKind>
            label={t('notify.kind')}
            value={kind}
            options={KINDS.map((value) => ({ value, label: t(`notify.way.${value}`) }))}
            onPick={setKind}
          />
        )}
        <Field
          label={t('notify.name')}
          value={name}
          required
          maxLength={80}
          onChange={(e) => setName(e.target.value)}
        />
        {kind === 'email' ? (
          <>
            <MailFields settings={settings} set={set} />
            {secret('password', false)}
          </>
        ) : (
          <>
            {secret('url', true)}
            {kind !== 'wecom' && secret('secret', kind === 'webhook')}
            <Choice
              label={t('notify.language')}
              value={settings.language === 'en' ? 'en' : 'zh'}
              options={LANGUAGES.map((value) => ({ value, label: t(`notify.languageOf.${value}`) }))}
              onPick={(value) => set('language', value)}
            />
          </>
        )}
        <label className={styles.check}>
          <input type="checkbox" checked={isOn} onChange={(e) => setOn(e.target.checked)} />
          {t('notify.on')}
        </label>
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending}>
          {t('action.save')}
        </Button>
        {channel && (
          <ConfirmButton
            title={t('notify.deleteSure', { name: channel.name })}
            deed={t('notify.delete')}
            isBusy={remove.isPending}
            onConfirm={() => remove.mutate(channel.id, { onSuccess: done })}
          >
            {t('notify.deleteMeans')}
          </ConfirmButton>
        )}
      </form>
    </Dialog>
  );
}

interface MailProps {
  settings: NonNullable<ChannelWrite['settings']>;
  set: (key: string, value: string | number | null) => void;
}

function MailFields({ settings, set }: MailProps) {
  const { t } = useTranslation();
  const security = SECURITY.find((one) => one === settings.security) ?? 'tls';
  return (
    <>
      <div className={layout.pair}>
        <Field
          label={t('notify.host')}
          value={settings.host ?? ''}
          required
          onChange={(e) => set('host', e.target.value)}
        />
        <Field
          label={t('notify.port')}
          type="number"
          min={1}
          max={65535}
          value={settings.port ?? 465}
          onChange={(e) => set('port', Number(e.target.value))}
        />
      </div>
      <Choice
        label={t('notify.security')}
        value={security}
        options={SECURITY.map((value) => ({ value, label: t(`notify.securityOf.${value}`) }))}
        onPick={(value) => set('security', value)}
      />
      <Field
        label={t('notify.sender')}
        type="email"
        value={settings.sender ?? ''}
        required
        onChange={(e) => set('sender', e.target.value)}
      />
      <Field
        label={t('notify.username')}
        value={settings.username ?? ''}
        autoComplete="off"
        onChange={(e) => set('username', e.target.value || null)}
      />
    </>
  );
}
