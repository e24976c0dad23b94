import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { SearchField } from '@/ui/SearchField';
import { type Asset, useAssets } from './queries';

const MOST_FOUND = 50;

interface Props {
  label: string;
  /** What the empty choice says. */
  none: string;
  /** Id as text; empty: none. */
  value: string;
  /** Offered also where it is not among those found. */
  known?: Pick<Asset, 'id' | 'key' | 'name'> | null;
  onPick: (id: string) => void;
}

/** One of any number of assets: searched for, then chosen. */
export function AssetPicker({ label: words, none, value, known, onPick }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [search, setSearch] = useState('');
  const found = useAssets({ limit: MOST_FOUND, offset: 0, ...(search && { q: search }) }).data?.items ?? [];
  const shown = known && !found.some((one) => one.id === known.id) ? [known, ...found] : found;
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      <SearchField label={t('asset.find')} value={search} onSearch={setSearch} />
      <Choice
        label={words}
        value={value}
        options={[
          { value: '', label: none },
          ...shown.map((one) => ({ value: String(one.id), label: `${label(one.name)} (${one.key})` })),
        ]}
        onPick={onPick}
      />
    </div>
  );
}
