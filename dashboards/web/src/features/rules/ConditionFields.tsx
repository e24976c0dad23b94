import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Checks } from '@/ui/Checks';
import { Choice, TextArea } from '@/ui/Field';
import { begun, type Condition, type FieldSpec, FORMS, isGroup, onPoint } from './parts';
import { RawCondition } from './RawCondition';
import styles from './Rules.module.css';
import { Codes, NumberField, OneOf, Pick, Reference, type ValueProps } from './ValueFields';
import { Windows } from './Windows';

interface Props {
  condition: Condition;
  points: Point[];
  onChange: (condition: Condition) => void;
  /** Types that may stand here. */
  types?: readonly string[];
}

const TYPES = [...Object.keys(FORMS), 'all', 'any'];
const COMPARISONS = ['limit', 'state', 'flags'];

/** A condition as a form: its type, then its fields in the order in which the sentence reads. */
export function ConditionFields({ condition, points, onChange, types: allowed = TYPES }: Props) {
  const { t } = useTranslation();
  const types = allowed.includes(condition.type) ? allowed : [condition.type, ...allowed];
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
  const own: ValueProps = { field, words, condition, points, onChange: set };
  const options = fits.map((point) => ({ value: point.key, label: label(point.name) }));
  switch (field.kind) {
    case 'point': {
      const isKnown = options.some((option) => option.value === value);
      const all = isKnown
        ? options
        : [{ value: String(value ?? ''), label: String(value ?? '') }, ...options];
      const pick = (key: string) =>
        field.name === 'point' ? onChange(onPoint(condition, key, points)) : set(key);
      return <Choice label={words} value={String(value ?? '')} options={all} onPick={pick} />;
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
      return <Codes {...own} />;
    case 'pick':
      return <Pick {...own} />;
    case 'oneOf':
      return <OneOf {...own} onChange={onChange} />;
    case 'reference':
      return <Reference {...own} options={options} />;
    case 'windows':
      return <Windows value={value} onChange={set} />;
    case 'during':
      return <During {...own} />;
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
      return <NumberField {...own} />;
  }
}

/** Whether all of the time counts, or only that in which something else is so: the pump runs. */
function During({ field, words, condition, points, onChange }: ValueProps) {
  const { t } = useTranslation();
  const during = condition[field.name] as Condition | null | undefined;
  const begin = () => {
    const type = points.some((point) => point.kind === 'state') ? 'state' : 'limit';
    onChange(begun(type, points));
  };
  return (
    <div className={during ? `${styles.wide} ${styles.group}` : undefined}>
      <Choice
        label={words}
        value={during ? 'while' : 'always'}
        options={(['always', 'while'] as const).map((value) => ({
          value,
          label: t(`rules.counts.${value}`),
        }))}
        onPick={(value) => (value === 'while' ? begin() : onChange(undefined))}
      />
      {during && (
        <fieldset className={styles.part}>
          <legend className="only-read-aloud">{t('rules.counts.while')}</legend>
          <ConditionFields condition={during} points={points} types={COMPARISONS} onChange={onChange} />
        </fieldset>
      )}
    </div>
  );
}
