import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormItem } from '@/nouns/patrol/queries';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import type { Severity } from '@/ui/severity';
import { Options } from './Options';
import { Readings } from './Readings';

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

interface Props {
  item: FormItem;
  onChange: (item: FormItem) => void;
}

/** What only this kind of item has. */
export function ItemFields({ item, onChange }: Props) {
  const { t } = useTranslation();
  switch (item.type) {
    case 'check':
      return (
        <div className={layout.pair}>
          <SeverityChoice value={item.severity} onPick={(severity) => onChange({ ...item, severity })} />
          <label>
            <input
              type="checkbox"
              checked={item.photo_on_fail ?? false}
              onChange={(event) => onChange({ ...item, photo_on_fail: event.target.checked })}
            />{' '}
            {t('patrol.form.photoOnFail')}
          </label>
        </div>
      );
    case 'number':
      return (
        <>
          <div className={layout.pair}>
            <Field
              label={t('patrol.form.unit')}
              value={item.unit ?? ''}
              maxLength={24}
              onChange={(event) => onChange({ ...item, unit: event.target.value || null })}
            />
            <NumberField
              label={t('patrol.form.decimals')}
              value={item.decimals ?? 0}
              onChange={(decimals) => onChange({ ...item, decimals: decimals ?? 0 })}
            />
            <NumberField
              label={t('patrol.form.low')}
              value={item.low ?? null}
              onChange={(low) => onChange({ ...item, low })}
            />
            <NumberField
              label={t('patrol.form.high')}
              value={item.high ?? null}
              onChange={(high) => onChange({ ...item, high })}
            />
            <SeverityChoice value={item.severity} onPick={(severity) => onChange({ ...item, severity })} />
          </div>
          <Possible item={item} onChange={onChange} />
          <Readings item={item} onChange={onChange} />
        </>
      );
    case 'choice':
      return (
        <>
          <Options options={item.options} onChange={(options) => onChange({ ...item, options })} />
          <SeverityChoice value={item.severity} onPick={(severity) => onChange({ ...item, severity })} />
        </>
      );
    default:
      return null;
  }
}

type NumberItem = Extract<FormItem, { type: 'number' }>;

/** Outside of these ends a number is a slip of the finger, and the phone asks again. */
function Possible({ item, onChange }: { item: NumberItem; onChange: Props['onChange'] }) {
  const { t } = useTranslation();
  const [ends, setEnds] = useState<[number | null, number | null]>(item.possible ?? [null, null]);
  const set = (next: [number | null, number | null]) => {
    setEnds(next);
    const [low, high] = next;
    onChange({ ...item, possible: low !== null && high !== null ? [low, high] : null });
  };
  return (
    <div className={layout.pair}>
      <NumberField
        label={t('patrol.form.possibleLow')}
        value={ends[0]}
        onChange={(low) => set([low, ends[1]])}
      />
      <NumberField
        label={t('patrol.form.possibleHigh')}
        value={ends[1]}
        onChange={(high) => set([ends[0], high])}
      />
    </div>
  );
}

function SeverityChoice({
  value,
  onPick,
}: {
  value: Severity | undefined;
  onPick: (value: Severity) => void;
}) {
  const { t } = useTranslation();
  return (
    <Choice<Severity>
      label={t('patrol.form.severity')}
      value={value ?? 'medium'}
      options={SEVERITIES.map((one) => ({ value: one, label: t(`severity.${one}`) }))}
      onPick={onPick}
    />
  );
}

interface NumberProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}

function NumberField({ label, value, onChange }: NumberProps) {
  return (
    <Field
      label={label}
      type="number"
      step="any"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
    />
  );
}
