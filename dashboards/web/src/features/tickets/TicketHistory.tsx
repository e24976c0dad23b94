import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/nouns/session/session';
import { type TicketDetail, type TicketEvent, useTicketStep } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { TextArea } from '@/ui/Field';
import { Panel } from '@/ui/Panel';
import { type Entry, Timeline } from '@/ui/Timeline';
import styles from './Evidence.module.css';

/** Everything that happened to the ticket, newest first; nothing in it can be changed. */
export function TicketHistory({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const mayComment = useMay('guard');
  const entry = (event: TicketEvent, i: number): Entry => ({
    key: `${event.at}-${i}`,
    title: t(`ticket.event.${event.kind}`, { defaultValue: event.kind }),
    at: time(event.at),
    by: event.actor ?? t('ticket.byItself'),
    text: event.comment,
  });
  return (
    <Panel title={t('ticket.history')}>
      <div className={styles.form}>
        {mayComment && <CommentForm id={ticket.id} />}
        <Timeline entries={ticket.events.map(entry).reverse()} />
      </div>
    </Panel>
  );
}

function CommentForm({ id }: { id: number }) {
  const { t } = useTranslation();
  const failure = useFailureText();
  const [text, setText] = useState('');
  const step = useTicketStep(id);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    step.mutate({ step: 'comment', text: text.trim() }, { onSuccess: () => setText('') });
  };
  return (
    <form onSubmit={submit} className={styles.form}>
      <TextArea
        label={t('ticket.comment')}
        rows={2}
        value={text}
        maxLength={2000}
        onChange={(event) => setText(event.target.value)}
      />
      {step.error && <p role="alert">{failure(step.error)}</p>}
      <div>
        <Button type="submit" isBusy={step.isPending} disabled={!text.trim()}>
          {t('ticket.addComment')}
        </Button>
      </div>
    </form>
  );
}
