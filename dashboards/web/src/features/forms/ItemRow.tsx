import { useTranslation } from 'react-i18next';
import type { FormItem } from '@/nouns/patrol/queries';
import { PictureField } from '@/nouns/pictures/PictureField';
import { Button } from '@/ui/Button';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NameFields } from '@/ui/NameFields';
import styles from './Forms.module.css';
import { ItemFields } from './ItemFields';
import { type ItemType, itemOf, TYPES } from './items';
import { When } from './When';

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
        <div className={layout.tools}>
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
      <div className={layout.pair}>
        <Choice<ItemType>
          label={t('patrol.form.type')}
          value={item.type}
          options={TYPES.map((value) => ({ value, label: t(`patrol.form.typeOf.${value}`) }))}
          onPick={(type) => onChange(itemOf(type, item))}
        />
        <NameFields name={item.name} onChange={(name) => onChange({ ...item, name })} />
      </div>
      <ItemFields item={item} onChange={onChange} />
      <div className={layout.pair}>
        <label>
          <input
            type="checkbox"
            checked={item.required ?? true}
            onChange={(event) => onChange({ ...item, required: event.target.checked })}
          />{' '}
          {t('patrol.form.required')}
        </label>
        <When item={item} before={before} onChange={onChange} />
      </div>
      <details>
        <summary>{t('patrol.form.more')}</summary>
        <More item={item} onChange={onChange} />
      </details>
    </li>
  );
}

/** What few items need: a line of help, a picture, another key. */
function More({ item, onChange }: Pick<Props, 'item' | 'onChange'>) {
  const { t } = useTranslation();
  const help = (values: { en?: string; zh?: string }) => {
    const next = { en: item.help?.en ?? '', zh: item.help?.zh ?? '', ...values };
    onChange({ ...item, help: next.en || next.zh ? next : null });
  };
  return (
    <div className={styles.more}>
      <div className={layout.pair}>
        <Field
          label={t('patrol.form.helpZh')}
          required={Boolean(item.help)}
          value={item.help?.zh ?? ''}
          onChange={(event) => help({ zh: event.target.value })}
        />
        <Field
          label={t('patrol.form.helpEn')}
          required={Boolean(item.help)}
          value={item.help?.en ?? ''}
          onChange={(event) => help({ en: event.target.value })}
        />
      </div>
      <PictureField
        label={t('patrol.picture.item')}
        picture={item.picture_id ?? null}
        onChange={(picture_id) => onChange({ ...item, picture_id })}
      />
      <Field
        label={t('patrol.edit.key')}
        hint={t('patrol.form.keyHint')}
        required
        pattern="[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
        value={item.key}
        onChange={(event) => onChange({ ...item, key: event.target.value })}
      />
    </div>
  );
}
