import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useProfile, useProfiles } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import { NAMELESS, NameFields } from '@/ui/NameFields';
import { begun, FORMS } from './parts';
import { useCreateRule, type NewRule as Wanted } from './queries';
import styles from './Rules.module.css';

/** A rule begins switched off, with its type; the rest is said on its page. */
export function NewRule({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const navigate = useNavigate();
  const create = useCreateRule();
  const profiles = useProfiles().data ?? [];
  const [picked, setPicked] = useState('');
  const profile = picked || profiles[0]?.key || '';
  const points = useProfile(profile).data?.points ?? [];
  const [type, setType] = useState('limit');
  const [names, setNames] = useState(NAMELESS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const name = { en: names.en || names.zh, zh: names.zh || names.en };
    const condition = { ...begun(type, points), ...(type === 'expression' && { text: 'false' }) };
    const body = { key: keyOf(names.en), profile, name, severity: 'medium', condition } as unknown as Wanted;
    create.mutate(body, { onSuccess: (rule) => navigate(`/rules/${rule.id}`) });
  };
  return (
    <Dialog title={t('rules.add')} look="drawer" onClose={onClose}>
      <form onSubmit={submit} className={styles.form}>
        <Choice
          label={t('asset.type')}
          value={profile}
          options={profiles.map((known) => ({ value: known.key, label: label(known.name) }))}
          onPick={setPicked}
        />
        <NameFields name={names} maxLength={120} isOneEnough onChange={setNames} />
        <Choice
          label={t('rules.kind')}
          value={type}
          options={Object.keys(FORMS).map((value) => ({
            value,
            label: t(`rules.type.${value as 'limit'}`),
          }))}
          onPick={setType}
        />
        {create.error && <p role="alert">{text(create.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={create.isPending} disabled={points.length === 0}>
          {t('rules.begin')}
        </Button>
      </form>
    </Dialog>
  );
}

/** A key from the English name, and of one's own where there is none. */
function keyOf(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const stamp = Date.now().toString(36);
  return /^[a-z]/.test(words) ? words.slice(0, 40) : `rule_${stamp}`;
}
