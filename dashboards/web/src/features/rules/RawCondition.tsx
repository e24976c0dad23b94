import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextArea } from '@/ui/Field';
import type { Condition } from './parts';
import styles from './Rules.module.css';

interface Props {
  condition: Condition;
  onChange: (condition: Condition) => void;
}

/** Types without a form of their own are written as they are stored. */
export function RawCondition({ condition, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => JSON.stringify(condition, null, 2));
  const [isBroken, setBroken] = useState(false);
  const write = (next: string) => {
    setText(next);
    try {
      const read: unknown = JSON.parse(next);
      const isCondition = typeof read === 'object' && read !== null && 'type' in read;
      setBroken(!isCondition);
      if (isCondition) onChange(read as Condition);
    } catch {
      setBroken(true);
    }
  };
  return (
    <div className={styles.wide}>
      <TextArea
        label={t('rules.asText')}
        rows={8}
        spellCheck={false}
        className={styles.code}
        value={text}
        aria-invalid={isBroken}
        hint={isBroken ? t('rules.notJson') : undefined}
        onChange={(event) => write(event.target.value)}
      />
    </div>
  );
}
