import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useAssets, useSpaces } from '@/nouns/assets/queries';
import { type Checkpoint, type TagKind, useForms, usePatrolWrite } from '@/nouns/patrol/queries';
import { PictureField } from '@/nouns/pictures/PictureField';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { ConfirmButton } from '@/ui/ConfirmDialog';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field, TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NameFields } from '@/ui/NameFields';
import { tell } from '@/ui/toasts';
import { bodyOf } from './checkpointBody';
import { KEY_PATTERN, useSaveCheckpoint } from './planning';

const BLANK = {
  plan_id: null,
  x: null,
  y: null,
} as const;

export function CheckpointDialog({
  checkpoint,
  onClose,
}: {
  checkpoint: Checkpoint | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const spaces = useSpaces().data ?? [];
  const assets = useAssets({ limit: 500, offset: 0 }).data?.items ?? [];
  const forms = useForms().data?.items ?? [];
  const [values, setValues] = useState(() => fieldsOf(checkpoint));
  const [picture, setPicture] = useState(checkpoint?.photo_id ?? null);
  const save = useSaveCheckpoint();
  const retire = usePatrolWrite((id: number) =>
    ask(api.DELETE('/api/v1/patrol/checkpoints/{row_id}', { params: { path: { row_id: id } } })),
  );
  const set = (name: keyof typeof values) => (value: string) =>
    setValues((before) => ({ ...before, [name]: value }));
  const field = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: { target: { value: string } }) => set(name)(event.target.value),
  });
  const space = values.space || String(spaces[0]?.id ?? '');
  const done = () => {
    tell(t('patrol.edit.saved'));
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const changes = {
      key: values.key,
      name: { en: values.en, zh: values.zh },
      space_id: Number(space),
      asset_id: values.asset ? Number(values.asset) : null,
      floor: values.floor === '' ? null : Number(values.floor),
      lat_e7: values.lat === '' ? null : Math.round(Number(values.lat) * 1e7),
      lng_e7: values.lng === '' ? null : Math.round(Number(values.lng) * 1e7),
      radius_m: values.radius === '' ? null : Number(values.radius),
      instructions: { en: values.todoEn, zh: values.todoZh },
      form_id: values.form ? Number(values.form) : null,
      dwell_s: Number(values.dwell) || 0,
      least_tag: values.least as TagKind,
      photo_id: picture,
    };
    const body = checkpoint ? bodyOf(checkpoint, changes) : { ...BLANK, ...changes };
    save.mutate({ id: checkpoint?.id ?? null, body }, { onSuccess: done });
  };
  const none = { value: '', label: t('patrol.edit.none') };
  const named = (rows: { id: number; name: Checkpoint['name'] }[]) =>
    rows.map((one) => ({ value: String(one.id), label: label(one.name) }));
  const error = save.error ?? retire.error;
  return (
    <Dialog
      title={checkpoint ? label(checkpoint.name) : t('patrol.edit.add')}
      look="drawer"
      onClose={onClose}
    >
      <form className={layout.form} onSubmit={submit}>
        <Field
          label={t('patrol.edit.key')}
          hint={t('patrol.edit.keyHint')}
          required
          pattern={KEY_PATTERN}
          title={t('patrol.edit.keyHint')}
          {...field('key')}
        />
        <div className={layout.pair}>
          <NameFields
            name={{ zh: values.zh, en: values.en }}
            onChange={(name) => setValues({ ...values, ...name })}
          />
        </div>
        <Choice label={t('patrol.edit.space')} value={space} options={named(spaces)} onPick={set('space')} />
        <div className={layout.pair}>
          <Choice
            label={t('patrol.edit.asset')}
            value={values.asset}
            options={[none, ...named(assets)]}
            onPick={set('asset')}
          />
          <Field label={t('patrol.edit.floor')} type="number" {...field('floor')} />
        </div>
        <div className={layout.pair}>
          <Choice
            label={t('patrol.edit.form')}
            value={values.form}
            options={[none, ...named(forms)]}
            onPick={set('form')}
          />
          <Field label={t('patrol.edit.dwell')} type="number" min={0} max={7200} {...field('dwell')} />
        </div>
        <Choice
          label={t('patrol.edit.leastTag')}
          value={values.least}
          options={(['qr', 'nfc', 'ntag424'] as const).map((value) => ({
            value,
            label: t(`patrol.tag.kindOf.${value}`),
          }))}
          onPick={set('least')}
        />
        <TextArea label={t('patrol.edit.instructionsZh')} {...field('todoZh')} />
        <TextArea label={t('patrol.edit.instructionsEn')} {...field('todoEn')} />
        <PictureField
          label={t('patrol.picture.checkpoint')}
          hint={t('patrol.picture.checkpointHint')}
          picture={picture}
          onChange={setPicture}
        />
        <div className={layout.pair}>
          <Field label={t('patrol.edit.lat')} type="number" step="any" {...field('lat')} />
          <Field label={t('patrol.edit.lng')} type="number" step="any" {...field('lng')} />
          <Field label={t('patrol.edit.radius')} type="number" min={1} max={5000} {...field('radius')} />
        </div>
        {error && <p role="alert">{text(error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={save.isPending}>
          {t('action.save')}
        </Button>
        {checkpoint && (
          <ConfirmButton
            title={t('patrol.edit.retireSure', { name: label(checkpoint.name) })}
            deed={t('patrol.edit.retire')}
            isBusy={retire.isPending}
            onConfirm={() => retire.mutate(checkpoint.id, { onSuccess: done })}
          >
            {t('patrol.edit.retirePlaceMeans')}
          </ConfirmButton>
        )}
      </form>
    </Dialog>
  );
}

function fieldsOf(one: Checkpoint | null) {
  const said = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : String(value);
  const degrees = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : String(value / 1e7);
  return {
    key: one?.key ?? '',
    en: one?.name.en ?? '',
    zh: one?.name.zh ?? '',
    space: said(one?.space_id),
    asset: said(one?.asset_id),
    floor: said(one?.floor),
    form: said(one?.form_id),
    dwell: said(one?.dwell_s ?? 0),
    least: one?.least_tag ?? 'qr',
    todoEn: one?.instructions.en ?? '',
    todoZh: one?.instructions.zh ?? '',
    lat: degrees(one?.lat_e7),
    lng: degrees(one?.lng_e7),
    radius: said(one?.radius_m),
  };
}
