import { useTranslation } from 'react-i18next';
import type { Label } from '@/text/i18n';
import { Field } from './Field';

/** What has no name yet. */
export const NAMELESS: Label = { zh: '', en: '' };

interface Props {
  name: Label;
  onChange: (name: Label) => void;
  maxLength?: number;
  /** One language is enough; the other is then said with it. */
  isOneEnough?: boolean;
}

/** What something is called, in both languages. */
export function NameFields({ name, onChange, maxLength, isOneEnough }: Props) {
  const { t } = useTranslation();
  return (['zh', 'en'] as const).map((language) => (
    <Field
      key={language}
      label={t(`name.${language}`)}
      required={!isOneEnough || !(name.zh || name.en)}
      maxLength={maxLength}
      value={name[language]}
      onChange={(event) => onChange({ ...name, [language]: event.target.value })}
    />
  ));
}
