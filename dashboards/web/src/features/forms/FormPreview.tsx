import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormItem } from '@/nouns/patrol/queries';
import { addressOf } from '@/nouns/pictures/PictureField';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Field, TextArea } from '@/ui/Field';
import styles from './Forms.module.css';
import { isAsked } from './items';

/** The form as the phone shows it; answering here shows which items depend on which. */
export function FormPreview({ items }: { items: FormItem[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [answers, setAnswers] = useState<Record<string, string>>({});
  return (
    <section className={styles.phone} aria-label={t('patrol.form.preview')}>
      <h2>{t('patrol.form.preview')}</h2>
      {items
        .filter((item) => isAsked(item, answers))
        .map((item) => (
          <div key={item.key} className={styles.asked}>
            <Asked
              item={item}
              answer={answers[item.key]}
              onAnswer={(value) => setAnswers({ ...answers, [item.key]: value })}
            />
            {item.help && <p className="quiet">{label(item.help)}</p>}
            {item.picture_id && <img className={styles.help} src={addressOf(item.picture_id)} alt="" />}
          </div>
        ))}
    </section>
  );
}

interface Props {
  item: FormItem;
  answer: string | undefined;
  onAnswer: (value: string) => void;
}

function Asked({ item, answer, onAnswer }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const name = label(item.name) || item.key;
  const free = item.required === false ? ` (${t('patrol.form.notRequired')})` : '';
  if (item.type === 'number') {
    const limits =
      item.low !== null && item.low !== undefined && item.high !== null && item.high !== undefined
        ? t('patrol.form.limits', { low: item.low, high: item.high })
        : undefined;
    return (
      <Field
        label={`${name}${item.unit ? ` · ${item.unit}` : ''}${free}`}
        hint={limits}
        inputMode="decimal"
        value={answer ?? ''}
        onChange={(event) => onAnswer(event.target.value)}
      />
    );
  }
  if (item.type === 'text')
    return (
      <TextArea
        label={`${name}${free}`}
        value={answer ?? ''}
        onChange={(event) => onAnswer(event.target.value)}
      />
    );
  const options =
    item.type === 'check'
      ? (['pass', 'fail', 'na'] as const).map((key) => ({ key, word: t(`patrol.round.check.${key}`) }))
      : item.type === 'choice'
        ? item.options.map((one) => ({ key: one.key, word: label(one.name) }))
        : [];
  return (
    <fieldset className={styles.asked} style={{ border: 0, padding: 0, margin: 0 }}>
      <legend>
        {name}
        {free}
      </legend>
      <div className={styles.choices}>
        {options.map((one) => (
          <button
            key={one.key}
            type="button"
            className={`${styles.choice} ${answer === one.key ? styles.picked : ''}`}
            aria-pressed={answer === one.key}
            onClick={() => onAnswer(one.key)}
          >
            {one.word}
          </button>
        ))}
      </div>
      {item.type === 'photo' && <Button isLarge>{t('patrol.form.takePhoto')}</Button>}
      {item.type === 'check' && item.photo_on_fail && answer === 'fail' && (
        <Button isLarge>{t('patrol.form.takePhoto')}</Button>
      )}
      {item.type === 'signature' && <Button isLarge>{t('patrol.form.sign')}</Button>}
    </fieldset>
  );
}
