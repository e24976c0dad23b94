import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NameFields } from '@/ui/NameFields';
import { tell } from '@/ui/toasts';

const ITSELF = 'asset';

/** New names for the equipment or one of its points; ids and history stay what they are. */
export function RenameDialog({ asset, onClose }: { asset: AssetDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const [what, setWhat] = useState(ITSELF);
  const [name, setName] = useState<Label>(asset.name);
  const rename = useRename(asset.id);
  const pick = (next: string) => {
    setWhat(next);
    setName(asset.points.find((point) => String(point.id) === next)?.name ?? asset.name);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(
      { point: what === ITSELF ? null : Number(what), name },
      { onSuccess: () => tell(t('asset.renamed')) },
    );
  };
  return (
    <Dialog title={t('asset.editNames')} onClose={onClose}>
      <form className={layout.form} onSubmit={submit}>
        <Choice
          label={t('asset.what')}
          value={what}
          options={[
            { value: ITSELF, label: label(asset.name) },
            ...asset.points.map((point) => ({ value: String(point.id), label: `· ${label(point.name)}` })),
          ]}
          onPick={pick}
        />
        <NameFields name={name} maxLength={200} onChange={setName} />
        {rename.error && <p role="alert">{text(rename.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={rename.isPending}>
          {t('action.save')}
        </Button>
      </form>
    </Dialog>
  );
}

function useRename(assetId: number) {
  return useChange(
    ['assets'],
    async ({ point, name }: { point: number | null; name: Label }): Promise<unknown> =>
      point === null
        ? ask(
            api.PATCH('/api/v1/assets/{asset_id}', {
              params: { path: { asset_id: assetId } },
              body: { name },
            }),
          )
        : ask(
            api.PATCH('/api/v1/points/{point_id}', { params: { path: { point_id: point } }, body: { name } }),
          ),
  );
}
