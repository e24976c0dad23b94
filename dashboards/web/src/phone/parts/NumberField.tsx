import { useId } from 'react';
import type { FormItem } from '../api';
import { scaled } from '../rounds/form';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import styles from './NumberField.module.css';

interface Props {
  item: Extract<FormItem, { type: 'number' }>;
  value: string;
  onChange: (value: string) => void;
}

/** A gauge reading: large digits, its unit beside it, its limits below. */
export function NumberField({ item, value, onChange }: Props) {
  const t = useText();
  const id = useId();
  const isWrong = value !== '' && scaled(value, item.decimals ?? 0) === null;
  const unit = item.unit ? ` ${item.unit}` : '';
  return (
    <>
      <div className={styles.line}>
        <input
          id={id}
          aria-label={say(item.name)}
          aria-describedby={`${id}-limits`}
          aria-invalid={isWrong}
          inputMode="decimal"
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        <span>{item.unit}</span>
      </div>
      <p id={`${id}-limits`} className="quiet">
        {isWrong ? t.point.notANumber : limits(t, item.low, item.high, unit)}
      </p>
    </>
  );
}

function limits(
  t: ReturnType<typeof useText>,
  low: number | null | undefined,
  high: number | null | undefined,
  unit: string,
): string {
  if (low != null && high != null) return t.point.limits(String(low), `${high}${unit}`);
  if (low != null) return t.point.from(`${low}${unit}`);
  return high != null ? t.point.upTo(`${high}${unit}`) : '';
}
