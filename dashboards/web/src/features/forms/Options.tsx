import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import styles from './Forms.module.css';
import { type Choices, newOption } from './items';

interface Props {
  options: Choices;
  onChange: (options: Choices) => void;
}

/** The choices of an item, one a line; which of them is a defect. */
export function Options({ options, onChange }: Props) {
  const { t } = useTranslation();
  const set = (key: string, values: Partial<Choices[number]>) =>
    onChange(options.map((one) => (one.key === key ? { ...one, ...values } : one)));
  return (
    <fieldset className={styles.options}>
      <legend>{t('patrol.form.options')}</legend>
      {options.map((one, index) => (
        <div key={one.key} className={styles.option}>
          <Field
            label={t('patrol.form.optionZh', { number: index + 1 })}
            required
            value={one.name.zh}
            onChange={(event) => set(one.key, { name: { ...one.name, zh: event.target.value } })}
          />
          <Field
            label={t('patrol.form.optionEn', { number: index + 1 })}
            required
            value={one.name.en}
            onChange={(event) => set(one.key, { name: { ...one.name, en: event.target.value } })}
          />
          <label className={styles.tick}>
            <input
              type="checkbox"
              checked={one.finding ?? false}
              onChange={(event) => set(one.key, { finding: event.target.checked })}
            />{' '}
            {t('patrol.form.isDefect')}
          </label>
          <Button
            look="quiet"
            className={styles.tick}
            disabled={options.length <= 2}
            onClick={() => onChange(options.filter((other) => other.key !== one.key))}
          >
            {t('patrol.form.remove')}
          </Button>
        </div>
      ))}
      <div>
        <Button onClick={() => onChange([...options, newOption(options.map((one) => one.key))])}>
          {t('patrol.form.addOption')}
        </Button>
      </div>
    </fieldset>
  );
}
