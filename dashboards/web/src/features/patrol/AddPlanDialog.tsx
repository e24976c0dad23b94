import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useSpaces } from '@/nouns/assets/queries';
import { usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NAMELESS, NameFields } from '@/ui/NameFields';

export function AddPlanDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const spaces = useSpaces().data ?? [];
  const [space, setSpace] = useState('');
  const [name, setName] = useState(NAMELESS);
  const [scale, setScale] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const chosen = space || String(spaces[0]?.id ?? '');
  const add = usePatrolWrite((image: File) =>
    ask(
      api.POST('/api/v1/patrol/plans', {
        params: {
          query: { space_id: Number(chosen), ...name, ...(scale && { millimetres_a_pixel: Number(scale) }) },
        },
        // The picture itself is the body.
        body: image as unknown as string,
        bodySerializer: (body: unknown) => body as File,
        headers: { 'Content-Type': 'application/octet-stream' },
      }),
    ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) add.mutate(file, { onSuccess: onClose });
  };
  return (
    <Dialog title={t('patrol.plans.add')} onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <Choice
          label={t('patrol.edit.space')}
          value={chosen}
          options={spaces.map((one) => ({ value: String(one.id), label: label(one.name) }))}
          onPick={setSpace}
        />
        <div className={layout.pair}>
          <NameFields name={name} onChange={setName} />
        </div>
        <Field
          label={t('patrol.plans.scale')}
          hint={t('action.optional')}
          type="number"
          min={1}
          max={10000}
          value={scale}
          onChange={(event) => setScale(event.target.value)}
        />
        <Field
          label={t('patrol.plans.image')}
          type="file"
          accept="image/png,image/jpeg,image/webp"
          required
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        {add.error && <p role="alert">{text(add.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={add.isPending} disabled={!file}>
          {t('action.save')}
        </Button>
      </form>
    </Dialog>
  );
}
