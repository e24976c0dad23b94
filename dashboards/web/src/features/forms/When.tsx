import { useTranslation } from 'react-i18next';
import type { FormItem } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Checks } from '@/ui/Checks';
import { Choice } from '@/ui/Field';
import { canDecide } from './items';

interface Props {
  item: FormItem;
  /** The items asked before it: a condition looks back only. */
  before: FormItem[];
  onChange: (item: FormItem) => void;
}

/** On which answers of an earlier item this one is asked. */
export function When({ item, before, onChange }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const answersOf = useAnswers();
  const deciding = before.filter(canDecide);
  if (deciding.length === 0 && !item.when) return null;
  const other = before.find((one) => one.key === item.when?.item);
  const pick = (key: string) => {
    const picked = deciding.find((one) => one.key === key);
    const first = picked && (picked.type === 'check' ? 'fail' : answersOf(picked)[0]?.value);
    onChange({ ...item, when: picked && first ? { item: key, any_of: [first] } : null });
  };
  return (
    <>
      <Choice
        label={t('patrol.form.when')}
        value={item.when?.item ?? ''}
        options={[
          { value: '', label: t('patrol.form.always') },
          ...deciding.map((one) => ({ value: one.key, label: label(one.name) || one.key })),
        ]}
        onPick={pick}
      />
      {item.when && other && (
        <Checks
          legend={t('patrol.form.whenIs')}
          isRow
          options={answersOf(other)}
          picked={item.when.any_of.map(String)}
          onPick={(any_of) => item.when && onChange({ ...item, when: { item: item.when.item, any_of } })}
        />
      )}
    </>
  );
}

function useAnswers() {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (item: FormItem): { value: string; label: string }[] => {
    if (item.type === 'check')
      return (['pass', 'fail', 'na'] as const).map((value) => ({
        value,
        label: t(`patrol.round.check.${value}`),
      }));
    if (item.type === 'choice')
      return item.options.map((one) => ({ value: one.key, label: label(one.name) || one.key }));
    return [];
  };
}
