import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMay } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { type IncidentDetail, useRemark } from './queries';

/** A word on what is being done; for a declared one also the word that ends it. */
export function Remark({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const failure = useFailureText();
  const mayRemark = useMay('guard');
  const mayEnd = useMay('engineer');
  const [text, setText] = useState('');
  const comment = useRemark(incident.id, 'comment');
  const end = useRemark(incident.id, 'end');
  if (!mayRemark) return null;
  const said = text.trim();
  const isOpen = incident.kind === 'declared' && incident.status === 'open';
  const say = (verb: typeof comment) => async (event: FormEvent) => {
    event.preventDefault();
    if (said && (await verb.mutateAsync(said).catch(() => undefined))) setText('');
  };
  const error = comment.error ?? end.error;
  return (
    <Panel>
      <form className={layout.form} onSubmit={say(comment)}>
        <TextArea
          label={t('incident.remark')}
          value={text}
          maxLength={4000}
          onChange={(event) => setText(event.target.value)}
        />
        {mayEnd && isOpen && <p className="quiet small">{t('incident.howEnded')}</p>}
        {error && <p role="alert">{failure(error)}</p>}
        <Button type="submit" disabled={!said} isBusy={comment.isPending}>
          {t('incident.addRemark')}
        </Button>
        {isOpen && mayEnd && (
          <Button look="primary" disabled={!said} isBusy={end.isPending} onClick={say(end)}>
            {t('incident.end')}
          </Button>
        )}
      </form>
    </Panel>
  );
}
