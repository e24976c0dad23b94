import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BY_ITSELF } from '@/nouns/people/queries';
import { useMay } from '@/nouns/session/session';
import { type TicketDetail, type TicketEvent, useTicketStep } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { type Entry, Timeline } from '@/ui/Timeline';

/** Everything that happened to the ticket, newest first; nothing in it can be changed. */
export function TicketHistory({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const mayComment = useMay('guard');
  const said = ({ data }: TicketEvent) => [
    typeof data.override_reason === 'string' && t('ticket.overrideReason', { reason: data.override_reason }),
    isNamed(data.to) && t('ticket.givenTo', { name: data.to.display_name }),
  ];
  const entry = (event: TicketEvent, i: number): Entry => ({
    key: `${event.at}-${i}`,
    title: t(`ticket.event.${event.kind}`, { defaultValue: event.kind }),
    at: time(event.at),
    by: event.actor === BY_ITSELF ? t('ticket.byItself') : event.actor,
    text: [event.comment, ...said(event)].filter(Boolean).join('\n'),
  });
  return (
    <Panel title={t('ticket.history')}>
      <div className={layout.form}>
        {mayComment && <CommentForm id={ticket.id} />}
        <Timeline entries={ticket.events.map(entry).reverse()} />
      </div>
    </Panel>
  );
}

function isNamed(json: unknown): json is { display_name: string } {
  return typeof json === 'object' && json !== null && 'display_name' in json;
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
    <form onSubmit={submit} className={layout.form}>
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
