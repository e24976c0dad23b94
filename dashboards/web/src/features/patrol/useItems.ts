import { type FormItem, type RoundDetail, useForms } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';

export type NamedItem = Omit<FormItem, 'name'> & { type: FormItem['type']; name: string; decimals?: number };

/** The item of the form that an answer belongs to, with its name in the person's language. */
export function useItems(round: RoundDetail) {
  const forms = useForms().data?.items ?? [];
  const { label } = useFormat();
  return (event: string, key: string): NamedItem | undefined => {
    const formId = round.answers.find((answer) => answer.event_id === event)?.form_id;
    const item = forms.find((form) => form.id === formId)?.items.find((one) => one.key === key);
    return item && { ...item, name: label(item.name) };
  };
}
