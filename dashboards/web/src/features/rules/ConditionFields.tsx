import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { Choice, Field, TextArea } from '@/ui/Field';
import { begun, type Condition, type FieldSpec, FORMS, isGroup } from './parts';
import { RawCondition } from './RawCondition';
import styles from './Rules.module.css';

interface Props {
  condition: Condition;
  points: Point[];
  onChange: (condition: Condition) => void;
}

const TYPES = [...Object.keys(FORMS), 'all', 'any'];
const SIDES = ['both', 'above', 'below'] as const;

/** A condition as a form: its type, then its fields in the order in which the sentence reads. */
export function ConditionFields({ condition, points, onChange }: Props) {
  const { t } = useTranslation();
  const types = TYPES.includes(condition.type) ? TYPES : [condition.type, ...TYPES];
  const pick = (type: string) => {
    if (type === 'all' || type === 'any')
      onChange({ type, of: isGroup(condition) ? condition.of : [condition] });
    else onChange(begun(type, points));
  };
  return (
    <div className={styles.condition}>
      <Choice
        label={t('rules.kind')}
        value={condition.type}
        options={types.map((value) => ({
          value,
          label: t(`rules.type.${value as 'limit'}`, { defaultValue: value }),
        }))}
        onPick={pick}
      />
      {isGroup(condition) ? (
        <Group condition={condition} points={points} onChange={onChange} />
      ) : FORMS[condition.type] ? (
        <div className={styles.fields}>
          {FORMS[condition.type]?.map((field) => (
            <OneField
              key={field.name}
              field={field}
              condition={condition}
              points={points}
              onChange={onChange}
            />
          ))}
        </div>
      ) : (
        <RawCondition condition={condition} onChange={onChange} />
      )}
    </div>
  );
}

function Group({ condition, points, onChange }: Props & { condition: { of: Condition[] } }) {
  const { t } = useTranslation();
  const set = (of: Condition[]) => onChange({ ...condition, of });
  return (
    <div className={styles.group}>
      {condition.of.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a condition have no other name than their place.
        <div key={index} className={styles.part}>
          <ConditionFields
            condition={part}
            points={points}
            onChange={(next) => set(condition.of.map((one, i) => (i === index ? next : one)))}
          />
          {condition.of.length > 1 && (
            <Button look="quiet" onClick={() => set(condition.of.filter((_, i) => i !== index))}>
              {t('rules.removePart')}
            </Button>
          )}
        </div>
      ))}
      <Button onClick={() => set([...condition.of, begun('limit', points)])}>{t('rules.addPart')}</Button>
    </div>
  );
}

interface FieldProps extends Props {
  field: FieldSpec;
}

function OneField({ field, condition, points, onChange }: FieldProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const value = condition[field.name];
  const words = t(`rules.field.${field.name as 'point'}`);
  const fits = points.filter((point) => field.of?.includes(point.kind));
  const set = (next: unknown) => {
    const { [field.name]: _gone, ...rest } = condition;
    onChange({ ...rest, type: condition.type, ...(next !== undefined && { [field.name]: next }) });
  };
  const options = fits.map((point) => ({ value: point.key, label: label(point.name) }));
  switch (field.kind) {
    case 'point': {
      const isKnown = options.some((option) => option.value === value);
      const all = isKnown
        ? options
        : [{ value: String(value ?? ''), label: String(value ?? '') }, ...options];
      return <Choice label={words} value={String(value ?? '')} options={all} onPick={set} />;
    }
    case 'points':
      return (
        <Checks
          legend={words}
          options={options}
          picked={Array.isArray(value) ? (value as string[]) : []}
          onPick={set}
        />
      );
    case 'codes':
      return <Codes words={words} field={field} condition={condition} points={points} onChange={set} />;
    case 'side':
      return (
        <Choice
          label={words}
          value={(value ?? 'both') as 'both'}
          options={SIDES.map((side) => ({ value: side, label: t(`rules.side.${side}`) }))}
          onPick={set}
        />
      );
    case 'text':
      return (
        <div className={styles.wide}>
          <TextArea
            label={words}
            hint={t('rules.expressionHint')}
            spellCheck={false}
            value={String(value ?? '')}
            onChange={(event) => set(event.target.value)}
          />
        </div>
      );
    default:
      return <NumberField field={field} words={words} condition={condition} points={points} onChange={set} />;
  }
}

interface ValueProps {
  field: FieldSpec;
  words: string;
  condition: Condition;
  points: Point[];
  onChange: (value: unknown) => void;
}

function NumberField({ field, words, condition, points, onChange }: ValueProps) {
  const own = points.find((point) => point.key === condition.point)?.unit;
  const unit = field.unit === 'point' ? own : field.unit === 's' ? 's' : null;
  const value = condition[field.name];
  return (
    <Field
      label={unit ? `${words} (${unit})` : words}
      type="number"
      step="any"
      required={!field.isOptional}
      value={typeof value === 'number' && !Number.isNaN(value) ? value : ''}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.valueAsNumber)}
    />
  );
}

function Codes({ words, field, condition, points, onChange }: ValueProps) {
  const { label } = useFormat();
  const point = points.find((known) => known.key === condition.point);
  const known = (point?.states ?? point?.bits ?? {}) as Record<string, Label>;
  const picked = (condition[field.name] as (string | number)[] | undefined) ?? [];
  const asCode = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : text);
  return (
    <Checks
      legend={words}
      isRow
      options={Object.entries(known).map(([code, name]) => ({ value: asCode(code), label: label(name) }))}
      picked={picked}
      onPick={onChange}
    />
  );
}
