import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { useAcknowledge } from './queries';

interface Props {
  ids: number[];
  onClose: () => void;
  onDone: () => void;
}

/** To have seen an alarm is not to have ended it; the words say so. */
export function AcknowledgeDialog({ ids, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [comment, setComment] = useState('');
  const acknowledge = useAcknowledge();
  const refused = acknowledge.data?.refused ?? [];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const result = await acknowledge
      .mutateAsync({ ids, ...(comment.trim() && { comment: comment.trim() }) })
      .catch(() => undefined);
    if (!result) return;
    if (result.acknowledged.length) tell(t('alarm.acknowledged', { count: result.acknowledged.length }));
    if (!result.refused.length) onDone();
  };
  return (
    <Dialog title={t('alarm.acknowledgeCount', { count: ids.length })} onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <p>{t('alarm.acknowledgeMeans')}</p>
        <TextArea
          label={t('alarm.comment')}
          hint={t('action.optional')}
          value={comment}
          maxLength={500}
          onChange={(event) => setComment(event.target.value)}
        />
        {acknowledge.error && <p role="alert">{text(acknowledge.error)}</p>}
        {refused.length > 0 && (
          <ul role="alert">
            {refused.map((one) => (
              <li key={one.id}>{one.detail}</li>
            ))}
          </ul>
        )}
        <Button type="submit" look="primary" isLarge isBusy={acknowledge.isPending}>
          {t('alarm.acknowledge')}
        </Button>
      </form>
    </Dialog>
  );
}
