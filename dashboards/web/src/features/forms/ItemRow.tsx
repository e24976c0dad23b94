import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormItem } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice, Field } from '@/ui/Field';
import styles from './Forms.module.css';
import { ItemFields } from './ItemFields';
import { type ItemType, itemOf, readValues, TYPES } from './items';

interface Props {
  item: FormItem;
  number: number;
  /** The items asked before it: a condition looks back only. */
  before: FormItem[];
  onChange: (item: FormItem) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}

export function ItemRow({ item, number, before, onChange, onMove, onRemove }: Props) {
  const { t } = useTranslation();
  return (
    <li className={styles.item}>
      <div className={styles.across}>
        <h2>{t('patrol.form.itemNumber', { number })}</h2>
        <div className={styles.tools}>
          <Button look="quiet" onClick={() => onMove(-1)}>
            {t('patrol.form.up')}
          </Button>
          <Button look="quiet" onClick={() => onMove(1)}>
            {t('patrol.form.down')}
          </Button>
          <Button look="quiet" onClick={onRemove}>
            {t('patrol.form.remove')}
          </Button>
        </div>
      </div>
      <div className={styles.pair}>
        <Choice<ItemType>
          label={t('patrol.form.type')}
          value={item.type}
          options={TYPES.map((value) => ({ value, label: t(`patrol.form.typeOf.${value}`) }))}
          onPick={(type) => onChange(itemOf(type, item))}
        />
        <Field
          label={t('patrol.edit.key')}
          required
          value={item.key}
          onChange={(event) => onChange({ ...item, key: event.target.value })}
        />
        <Field
          label={t('patrol.edit.nameZh')}
          required
          value={item.name.zh}
          onChange={(event) => onChange({ ...item, name: { ...item.name, zh: event.target.value } })}
        />
        <Field
          label={t('patrol.edit.nameEn')}
          required
          value={item.name.en}
          onChange={(event) => onChange({ ...item, name: { ...item.name, en: event.target.value } })}
        />
      </div>
      <ItemFields item={item} onChange={onChange} />
      <div className={styles.pair}>
        <label>
          <input
            type="checkbox"
            checked={item.required ?? true}
            onChange={(event) => onChange({ ...item, required: event.target.checked })}
          />{' '}
          {t('patrol.form.required')}
        </label>
        {before.length > 0 && <When item={item} before={before} onChange={onChange} />}
      </div>
    </li>
  );
}

function When({ item, before, onChange }: Pick<Props, 'item' | 'before' | 'onChange'>) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [values, setValues] = useState(item.when?.any_of.join(', ') ?? '');
  const pick = (key: string) => {
    if (values === '') setValues('fail');
    onChange({ ...item, when: key ? { item: key, any_of: readValues(values || 'fail') } : null });
  };
  return (
    <>
      <Choice
        label={t('patrol.form.when')}
        value={item.when?.item ?? ''}
        options={[
          { value: '', label: t('patrol.form.always') },
          ...before.map((one) => ({ value: one.key, label: label(one.name) || one.key })),
        ]}
        onPick={pick}
      />
      {item.when && (
        <Field
          label={t('patrol.form.whenIs')}
          required
          value={values}
          onChange={(event) => {
            setValues(event.target.value);
            if (item.when)
              onChange({ ...item, when: { item: item.when.item, any_of: readValues(event.target.value) } });
          }}
        />
      )}
    </>
  );
}
