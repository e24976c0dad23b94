import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { Checks } from '@/ui/Checks';
import { Choice, Field } from '@/ui/Field';
import { type Condition, codesKnown, type FieldSpec, inWay, wayOf } from './parts';
import styles from './Rules.module.css';

const SHORT_S = 120;

export interface ValueProps {
  field: FieldSpec;
  words: string;
  condition: Condition;
  points: Point[];
  onChange: (value: unknown) => void;
}

/** What a number is in: of the point, or as the condition says. */
function useUnit({ field, condition, points }: Pick<ValueProps, 'field' | 'condition' | 'points'>) {
  const { t } = useTranslation();
  const own = points.find((point) => point.key === condition.point)?.unit ?? '';
  switch (field.unit) {
    case 'point':
      return own;
    case 'share':
      return condition.percent === true ? '%' : own;
    case 'rate':
      return `${own} ${t(`rules.pick.per.${(condition.per ?? 'minute') as 'minute'}`)}`.trim();
    default:
      return field.unit ?? '';
  }
}

interface AmountProps {
  label: string;
  unit: string;
  value: unknown;
  isOptional?: boolean | undefined;
  onChange: (value: number | undefined) => void;
}

function Amount({ label, unit, value, isOptional, onChange }: AmountProps) {
  const { duration } = useFormat();
  const known = typeof value === 'number' && !Number.isNaN(value) ? value : null;
  return (
    <Field
      label={unit ? `${label} (${unit})` : label}
      hint={unit === 's' && known !== null && known >= SHORT_S ? duration(known * 1000) : undefined}
      type="number"
      step="any"
      required={!isOptional}
      value={known ?? ''}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.valueAsNumber)}
    />
  );
}

export function NumberField(props: ValueProps) {
  const { field, words, condition, onChange } = props;
  return (
    <Amount
      label={words}
      unit={useUnit(props)}
      value={condition[field.name]}
      isOptional={field.isOptional}
      onChange={onChange}
    />
  );
}

/** One of several fields: which, and its size. Gives the whole condition. */
export function OneOf(props: Omit<ValueProps, 'onChange'> & { onChange: (condition: Condition) => void }) {
  const { field, words, condition, onChange } = props;
  const { t } = useTranslation();
  const unit = useUnit(props);
  const ways = field.ways ?? [];
  const { way, size } = wayOf(condition, ways);
  const name = field.name as 'moves';
  const options = ways.map((one) => ({
    value: one.field,
    label: t(`rules.way.${name}.${one.field as 'high'}`),
  }));
  const write = (to: string, amount: number | null) => onChange(inWay(condition, ways, to, amount));
  return (
    <>
      <Choice label={words} value={way.field} options={options} onPick={(to) => write(to, size)} />
      <Amount
        label={t(`rules.size.${name}`)}
        unit={unit}
        value={size}
        onChange={(amount) => write(way.field, amount ?? null)}
      />
    </>
  );
}

/** A number that stays as it is, or another point. */
export function Reference(props: ValueProps & { options: { value: string; label: string }[] }) {
  const { words, field, condition, options, onChange } = props;
  const { t } = useTranslation();
  const unit = useUnit(props);
  const value = condition[field.name];
  const isPoint = typeof value === 'string';
  const others = options.filter((option) => option.value !== condition.point || option.value === value);
  return (
    <>
      <Choice
        label={words}
        value={isPoint ? value : ''}
        options={[{ value: '', label: t('rules.setValue') }, ...others]}
        onPick={(key) => onChange(key || 0)}
      />
      {!isPoint && <Amount label={t('rules.reference')} unit={unit} value={value} onChange={onChange} />}
    </>
  );
}

/** One of a few words; the first is meant where none is said. */
export function Pick({ field, words, condition, onChange }: ValueProps) {
  const { t } = useTranslation();
  const options = field.options ?? [];
  const name = field.name as 'side';
  return (
    <Choice
      label={words}
      value={String(condition[field.name] ?? options[0])}
      options={options.map((option) => ({
        value: String(option),
        label: t(`rules.pick.${name}.${String(option) as 'both'}`),
      }))}
      onPick={(picked) => onChange(options.find((option) => String(option) === picked))}
    />
  );
}

/** Any of the states or flags of the point. */
export function Codes({ words, field, condition, points, onChange }: ValueProps) {
  const { label } = useFormat();
  const point = points.find((known) => known.key === condition.point);
  const known = (point?.states ?? point?.bits ?? {}) as Record<string, Label>;
  const picked = (condition[field.name] as (string | number)[] | undefined) ?? [];
  const codes = [...new Set([...codesKnown(point), ...picked])];
  const name = (code: string | number) => {
    const said = known[String(code)];
    return said ? label(said) : String(code);
  };
  if (field.isOptional && codes.length === 0) return null;
  return (
    <div className={styles.wide}>
      <Checks
        legend={words}
        isRow
        options={codes.map((code) => ({ value: code, label: name(code) }))}
        picked={picked}
        onPick={onChange}
      />
    </div>
  );
}
