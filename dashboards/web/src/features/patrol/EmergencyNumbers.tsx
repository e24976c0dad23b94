import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { NameFields } from '@/ui/NameFields';
import styles from './Patrol.module.css';
import type { Policy } from './policyFields';

type Line = Policy['emergency'][number];

interface Props {
  numbers: Line[];
  onChange: (numbers: Line[]) => void;
}

/** Whom the phone's emergency page offers to call. */
export function EmergencyNumbers({ numbers, onChange }: Props) {
  const { t } = useTranslation();
  const set = (index: number, values: Partial<Line>) =>
    onChange(numbers.map((one, at) => (at === index ? { ...one, ...values } : one)));
  return (
    <div className={layout.form}>
      {numbers.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name of its own, and lines never move.
        <div key={index} className={layout.pair}>
          <NameFields
            name={{ zh: one.name_zh, en: one.name_en }}
            maxLength={80}
            onChange={({ zh, en }) => set(index, { name_zh: zh, name_en: en })}
          />
          <Field
            label={t('patrol.policy.number')}
            required
            inputMode="tel"
            pattern="[0-9+][0-9 \-]{1,23}"
            value={one.number}
            onChange={(event) => set(index, { number: event.target.value })}
          />
          <Button
            look="quiet"
            className={styles.atEnd}
            aria-label={t('patrol.policy.removeNumber', { name: one.number })}
            onClick={() => onChange(numbers.filter((_, at) => at !== index))}
          >
            {t('patrol.form.remove')}
          </Button>
        </div>
      ))}
      <div>
        <Button onClick={() => onChange([...numbers, { name_en: '', name_zh: '', number: '' }])}>
          {t('patrol.policy.addNumber')}
        </Button>
      </div>
    </div>
  );
}
