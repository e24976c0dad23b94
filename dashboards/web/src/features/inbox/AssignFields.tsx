import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAssets, useProfiles, useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Choice, Field } from '@/ui/Field';
import { SearchField } from '@/ui/SearchField';
import styles from './Inbox.module.css';
import type { UnknownDevice } from './queries';

const MOST_FOUND = 50;

export function Names(props: {
  en: string;
  zh: string;
  onEn: (en: string) => void;
  onZh: (zh: string) => void;
}) {
  const { t } = useTranslation();
  const { en, zh, onEn, onZh } = props;
  return (
    <>
      <Field
        label={t('onboarding.nameEn')}
        value={en}
        required
        maxLength={200}
        onChange={(event) => onEn(event.target.value)}
      />
      <Field
        label={t('onboarding.nameZh')}
        value={zh}
        required
        maxLength={200}
        onChange={(event) => onZh(event.target.value)}
      />
    </>
  );
}

export function ProfileAndPlace(props: {
  type: string;
  place: string;
  isMany: boolean;
  onType: (key: string) => void;
  onPlace: (id: string) => void;
}) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = useProfiles().data ?? [];
  const spaces = useSpaces().data ?? [];
  return (
    <>
      <Choice
        label={t(props.isMany ? 'onboarding.typeOfUnsure' : 'asset.type')}
        value={props.type}
        options={[
          ...(props.type ? [] : [{ value: '', label: t('onboarding.choose') }]),
          ...profiles.map((one) => ({ value: one.key, label: label(one.name) })),
        ]}
        onPick={props.onType}
      />
      <Choice
        label={t('asset.place')}
        value={props.place}
        options={spaces.map((one) => ({ value: String(one.id), label: label(one.name) }))}
        onPick={props.onPlace}
      />
    </>
  );
}

export function AssetPicker(props: {
  value: string;
  known: UnknownDevice['asset'];
  onPick: (id: string) => void;
}) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [search, setSearch] = useState('');
  const found = useAssets({ limit: MOST_FOUND, offset: 0, ...(search && { q: search }) }).data?.items ?? [];
  const listed = found.map((one) => ({ value: String(one.id), label: `${label(one.name)} (${one.key})` }));
  const { known } = props;
  const isListed = !known || listed.some((one) => one.value === String(known.id));
  const options = [
    { value: '', label: t('onboarding.choose') },
    ...(isListed || !known
      ? []
      : [{ value: String(known.id), label: `${label(known.name)} (${known.key})` }]),
    ...listed,
  ];
  return (
    <div className={styles.found}>
      <SearchField label={t('onboarding.searchAsset')} value={search} onSearch={setSearch} />
      <Choice label={t('onboarding.asset')} value={props.value} options={options} onPick={props.onPick} />
    </div>
  );
}

export function Sources(props: {
  device: UnknownDevice;
  left: ReadonlySet<string>;
  onChange: (left: ReadonlySet<string>) => void;
}) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const { device, left, onChange } = props;
  const toggle = (source: string) => {
    const next = new Set(left);
    if (!next.delete(source)) next.add(source);
    onChange(next);
  };
  return (
    <fieldset className={styles.list}>
      <legend>{t('onboarding.points')}</legend>
      {device.sources.map(({ source, guess }) => (
        <label key={source}>
          <input type="checkbox" checked={!left.has(source)} onChange={() => toggle(source)} />
          <span>
            {source} <span className="quiet">→ {label(guess.name)}</span> {guess.unit}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
