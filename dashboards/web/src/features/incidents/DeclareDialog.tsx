import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { AssetPicker } from '@/nouns/assets/AssetPicker';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field, TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { SEVERITIES, type Severity } from '@/ui/severity';
import { useDeclare } from './queries';

/** An emergency in a person's own words: two fields, then everybody is told. */
export function DeclareDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const failure = useFailureText();
  const go = useNavigate();
  const declare = useDeclare();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const [severity, setSeverity] = useState<Severity>('critical');
  const [isDanger, setDanger] = useState(false);
  const [asset, setAsset] = useState('');
  const [opensTicket, setOpensTicket] = useState(true);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const said = description.trim();
    const body = {
      title: title.trim(),
      severity,
      life_safety: isDanger,
      ...(said && { description: said }),
      ...(asset && { asset_id: Number(asset), opens_ticket: opensTicket }),
    };
    const made = await declare.mutateAsync(body).catch(() => undefined);
    if (made) go(`/incidents/${made.id}`);
  };
  return (
    <Dialog title={t('incident.declare')} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <p>{t('incident.declareMeans')}</p>
        <Field
          label={t('incident.what')}
          value={title}
          required
          minLength={2}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextArea
          label={t('incident.more')}
          hint={t('action.optional')}
          value={description}
          maxLength={4000}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Choice
          label={t('alarm.severity')}
          value={severity}
          options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          onPick={setSeverity}
        />
        <AssetPicker
          label={t('incident.about')}
          none={t('incident.aboutNone')}
          value={asset}
          onPick={setAsset}
        />
        {asset && (
          <label>
            <input
              type="checkbox"
              checked={opensTicket}
              onChange={(event) => setOpensTicket(event.target.checked)}
            />{' '}
            {t('incident.opensTicket')}
          </label>
        )}
        <label>
          <input type="checkbox" checked={isDanger} onChange={(event) => setDanger(event.target.checked)} />{' '}
          {t('incident.danger')}
        </label>
        {declare.error && <p role="alert">{failure(declare.error)}</p>}
        <Button type="submit" look="danger" isLarge isBusy={declare.isPending}>
          {t('incident.declareNow')}
        </Button>
      </form>
    </Dialog>
  );
}
