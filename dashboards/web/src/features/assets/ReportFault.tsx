import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useReportFault } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field, TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';

/** What a person saw becomes a ticket, beside those that sensors open. */
export function ReportFault({ asset, onClose }: { asset: AssetDetail; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [description, setDescription] = useState('');
  const report = useReportFault();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const ticket = await report
      .mutateAsync({ asset_id: asset.id, title, ...(description && { description }) })
      .catch(() => undefined);
    if (!ticket) return;
    tell(t('asset.reported', { number: ticket.number }));
    void navigate(`/tickets/${ticket.id}`);
  };
  return (
    <Dialog title={`${t('asset.report')} · ${label(asset.name)}`} onClose={onClose}>
      <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
        <Field
          label={t('asset.whatWrong')}
          value={title}
          required
          maxLength={120}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextArea
          label={t('asset.describe')}
          value={description}
          maxLength={2000}
          onChange={(event) => setDescription(event.target.value)}
        />
        {report.error && <p role="alert">{text(report.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={report.isPending}>
          {t('asset.sendReport')}
        </Button>
      </form>
    </Dialog>
  );
}
