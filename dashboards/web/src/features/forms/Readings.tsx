import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useAsset, useAssets } from '@/nouns/assets/queries';
import type { FormItem } from '@/nouns/patrol/queries';
import { isNumeric } from '@/nouns/points/reading';
import { useFormat } from '@/text/format';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Forms.module.css';

type NumberItem = Extract<FormItem, { type: 'number' }>;

interface Props {
  item: NumberItem;
  onChange: (item: FormItem) => void;
}

/** Whose reading a typed number is, and which sensor it is compared with. */
export function Readings({ item, onChange }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const assets = useAssets({ limit: 500, offset: 0 }).data?.items ?? [];
  const none = { value: '', label: t('patrol.form.none2') };
  const named = assets.map((one) => ({ value: String(one.id), label: label(one.name) }));
  const known = useQuery({
    queryKey: ['patrol', 'form-point', item.compare_point_id],
    enabled: Boolean(item.compare_point_id),
    queryFn: () =>
      ask(
        api.GET('/api/v1/forms/points/{point_id}', {
          params: { path: { point_id: item.compare_point_id ?? 0 } },
        }),
      ),
  });
  const [picked, setPicked] = useState<number | null>(null);
  const at = picked ?? known.data?.asset_id ?? null;
  const points = (useAsset(at).data?.points ?? []).filter(isNumeric);
  return (
    <fieldset className={styles.options}>
      <legend>{t('patrol.form.readings')}</legend>
      <Choice
        label={t('patrol.form.readingOf')}
        hint={t('patrol.form.readingOfHint')}
        value={String(item.reading_of ?? '')}
        options={[none, ...named]}
        onPick={(value) =>
          onChange({
            ...item,
            reading_of: value ? Number(value) : null,
            point_id: value ? item.point_id : null,
          })
        }
      />
      <div className={layout.pair}>
        <Choice
          label={t('patrol.form.compareAt')}
          value={String(at ?? '')}
          options={[none, ...named]}
          onPick={(value) => {
            setPicked(value ? Number(value) : null);
            onChange({ ...item, compare_point_id: null });
          }}
        />
        {at !== null && (
          <Choice
            label={t('patrol.form.compareWith')}
            value={String(item.compare_point_id ?? '')}
            options={[
              none,
              ...points.map((one) => ({
                value: String(one.id),
                label: `${label(one.name)}${one.unit ? ` (${one.unit})` : ''}`,
              })),
            ]}
            onPick={(value) => onChange({ ...item, compare_point_id: value ? Number(value) : null })}
          />
        )}
        {item.compare_point_id && (
          <Field
            label={`${t('patrol.form.tolerance')}${item.unit ? ` (${item.unit})` : ''}`}
            type="number"
            step="any"
            min={0}
            value={item.compare_tolerance ?? ''}
            onChange={(event) =>
              onChange({
                ...item,
                compare_tolerance: event.target.value === '' ? null : Number(event.target.value),
              })
            }
          />
        )}
      </div>
    </fieldset>
  );
}
