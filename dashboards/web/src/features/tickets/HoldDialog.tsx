import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Evidence.module.css';

const USUAL = ['parts', 'access', 'contractor', 'shift'] as const;

interface Props {
  isBusy: boolean;
  onClose: () => void;
  onHold: (reason: string) => void;
}

/** A pause always has a reason; the usual ones are one tap. */
export function HoldDialog({ isBusy, onClose, onHold }: Props) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onHold(reason.trim());
  };
  return (
    <Dialog title={t('ticket.move.hold')} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <div className={styles.usual}>
          {USUAL.map((usual) => (
            <Button key={usual} onClick={() => setReason(t(`ticket.holdReason.${usual}`))}>
              {t(`ticket.holdReason.${usual}`)}
            </Button>
          ))}
        </div>
        <TextArea
          label={t('ticket.reason')}
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Button type="submit" look="primary" isLarge isBusy={isBusy} disabled={!reason.trim()}>
          {t('ticket.move.hold')}
        </Button>
      </form>
    </Dialog>
  );
}
