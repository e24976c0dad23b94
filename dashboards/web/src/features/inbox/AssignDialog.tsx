import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AssetPicker } from '@/nouns/assets/AssetPicker';
import { useAsset, useSpaces } from '@/nouns/assets/queries';
import type { Label } from '@/text/i18n';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import layout from '@/ui/layout.module.css';
import { NameFields } from '@/ui/NameFields';
import { Segmented } from '@/ui/Segmented';
import { tell } from '@/ui/toasts';
import { ProfileAndPlace } from './AssignFields';
import { type DeviceChoice, type UnknownDevice, useAssign } from './queries';
import { Sources } from './SourceFields';
import { choiceOfSource, type SourceEdits } from './sourceEdits';

interface Props {
  devices: UnknownDevice[];
  onClose: () => void;
  onDone: () => void;
}

/** Where the points go. Opened with what was guessed, so that the next click is enough. */
export function AssignDialog({ devices, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const assign = useAssign();
  const [first] = devices;
  const isOne = devices.length === 1;
  const known = isOne ? (first?.asset ?? null) : null;
  const [target, setTarget] = useState<'new' | 'existing'>(known ? 'existing' : 'new');
  const [asset, setAsset] = useState(known ? String(known.id) : '');
  const [type, setType] = useState((isOne && first?.profile) || '');
  const [space, setSpace] = useState('');
  const [name, setName] = useState({ zh: first?.device ?? '', en: first?.device ?? '' });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [edits, setEdits] = useState<SourceEdits>(new Map());
  const assetType = useAssetType(isOne && target === 'existing' ? asset : '');
  const usual = useUsualPlace();
  const place = space || usual;

  const one = { target, asset, name: { zh: name.zh.trim(), en: name.en.trim() }, left, edits };
  const wanted = { type, place, one: isOne ? one : null };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    assign.mutate(
      { devices: devices.map((device) => choiceOf(device, wanted)) },
      {
        onSuccess: (done) => {
          tell(t('onboarding.assigned', { count: done.points }));
          onDone();
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={<Title devices={devices} />} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        {isOne && (
          <Segmented
            label={t('onboarding.to')}
            value={target}
            options={(['new', 'existing'] as const).map((value) => ({
              value,
              label: t(`onboarding.target.${value}`),
            }))}
            onPick={setTarget}
          />
        )}
        {!isOne && <p>{t('onboarding.manyMeans')}</p>}
        {isOne && target === 'existing' ? (
          <AssetPicker
            label={t('onboarding.asset')}
            none={t('onboarding.choose')}
            value={asset}
            known={known}
            onPick={setAsset}
          />
        ) : (
          <>
            {isOne && <NameFields name={name} maxLength={200} onChange={setName} />}
            <ProfileAndPlace type={type} place={place} isMany={!isOne} onType={setType} onPlace={setSpace} />
          </>
        )}
        {isOne && first && (
          <Sources
            device={first}
            profile={target === 'existing' ? assetType : type}
            left={left}
            edits={edits}
            onLeave={setLeft}
            onEdit={setEdits}
          />
        )}
        {assign.error && <p role="alert">{text(assign.error)}</p>}
        <Button
          type="submit"
          look="primary"
          isLarge
          isBusy={assign.isPending}
          disabled={!devices.every((device) => isReady(device, wanted))}
        >
          {t('onboarding.assign')}
        </Button>
      </form>
    </Dialog>
  );
}

function Title({ devices }: { devices: UnknownDevice[] }) {
  const { t } = useTranslation();
  const [first, ...others] = devices;
  if (others.length > 0) return t('onboarding.assignMany', { count: devices.length });
  return t('onboarding.assignTitle', { device: first?.device });
}

/** Where new equipment is offered to be: the first building. */
function useUsualPlace(): string {
  const spaces = useSpaces().data ?? [];
  return String(spaces.find((space) => space.kind !== 'site')?.id ?? spaces[0]?.id ?? '');
}

/** Type of a piece of equipment; empty where none is chosen. */
function useAssetType(id: string): string {
  return useAsset(Number(id) || null).data?.profile ?? '';
}

/** Whether there is something to assign, and enough is known of where to. */
function isReady(device: UnknownDevice, { type, one }: Wanted): boolean {
  if (!one) return Boolean(device.asset || device.profile || type);
  const hasTarget = one.target === 'new' ? type !== '' : one.asset !== '';
  return hasTarget && one.left.size < device.sources.length;
}

interface Wanted {
  type: string;
  place: string;
  /** What was chosen for the only device; null: many, each as guessed. */
  one: {
    target: 'new' | 'existing';
    asset: string;
    name: Label;
    left: ReadonlySet<string>;
    edits: SourceEdits;
  } | null;
}

function choiceOf(device: UnknownDevice, { type, place, one }: Wanted): DeviceChoice {
  const known = one ? one.target === 'existing' && Number(one.asset) : device.asset?.id;
  const taken = device.sources.filter((source) => !one?.left.has(source.source));
  const name = one ? one.name : { en: device.device, zh: device.device };
  const target = known
    ? { asset_id: known }
    : {
        new_asset: {
          // device ids may hold colons, which keys of assets may not
          key: device.device.replaceAll(':', '-'),
          name,
          profile: one ? type : (device.profile ?? type),
          space_id: Number(place),
        },
      };
  return {
    device: device.device,
    take_over: false,
    ...target,
    ...((taken.length < device.sources.length || one?.edits.size) && {
      sources: taken.map((source) => choiceOfSource(source, one?.edits.get(source.source))),
    }),
  };
}
