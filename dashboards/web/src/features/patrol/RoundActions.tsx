import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { type Round, useCheckpoints } from '@/nouns/patrol/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import styles from './Patrol.module.css';
import { type Doing, useRoundVerb } from './useRoundVerb';

type Asked = 'call' | 'suspend' | 'reassign' | 'insert';
const OVER = ['finished', 'incomplete', 'missed'];

/** Call the guard, suspend, go on, give away, insert: what may be asked stands below the buttons. */
export function RoundActions({ round }: { round: Round }) {
  const { t } = useTranslation();
  const mayAct = useMay('engineer');
  const text = useFailureText();
  const [asked, setAsked] = useState<Asked | null>(null);
  const act = useRoundVerb(round.id);
  if (!mayAct || OVER.includes(round.state)) return null;
  const isSuspended = round.state === 'suspended';
  const done = () => {
    tell(t('patrol.act.done'));
    setAsked(null);
  };
  const send = (doing: Doing) => act.mutate(doing, { onSuccess: done });
  return (
    <div className={layout.form}>
      <div className={layout.tools}>
        {(['call', 'suspend', 'reassign', 'insert'] as const)
          .filter((verb) => !(verb === 'suspend' && isSuspended))
          .map((verb) => (
            <Button key={verb} aria-expanded={asked === verb} onClick={() => setAsked(verb)}>
              {t(`patrol.act.${verb}`)}
            </Button>
          ))}
        {isSuspended && (
          <Button look="primary" isBusy={act.isPending} onClick={() => send({ verb: 'resume' })}>
            {t('patrol.act.resume')}
          </Button>
        )}
      </div>
      {asked && (
        <Asking
          key={asked}
          verb={asked}
          round={round}
          isBusy={act.isPending}
          onSend={send}
          onCancel={() => setAsked(null)}
        />
      )}
      {act.error && <p role="alert">{text(act.error)}</p>}
    </div>
  );
}

interface AskingProps {
  verb: Asked;
  round: Round;
  isBusy: boolean;
  onSend: (doing: Doing) => void;
  onCancel: () => void;
}

function Asking({ verb, round, isBusy, onSend, onCancel }: AskingProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [words, setWords] = useState('');
  const [picked, setPicked] = useState('');
  const [minutes, setMinutes] = useState('15');
  const checkpoints = useCheckpoints().data?.items.filter((one) => one.site_id === round.site_id) ?? [];
  const people = usePeople(round.site_id, verb === 'reassign');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (verb === 'call') onSend({ verb, text: words });
    if (verb === 'suspend') onSend({ verb, reason: words });
    if (verb === 'reassign') onSend({ verb, user: picked ? Number(picked) : null });
    if (verb === 'insert')
      onSend({ verb, checkpoint: Number(picked), reason: words, within_s: Number(minutes) * 60 });
  };
  return (
    <form className={styles.asking} onSubmit={submit}>
      {verb === 'reassign' && (
        <Choice
          label={t('patrol.act.who')}
          value={picked}
          options={[
            { value: '', label: t('patrol.act.nobody') },
            ...people.map((one) => ({ value: String(one.id), label: one.display_name })),
          ]}
          onPick={setPicked}
        />
      )}
      {verb === 'insert' && (
        <>
          <Choice
            label={t('patrol.act.checkpoint')}
            value={picked}
            options={[
              { value: '', label: '–' },
              ...checkpoints.map((one) => ({ value: String(one.id), label: label(one.name) })),
            ]}
            onPick={setPicked}
          />
          <Field
            label={t('patrol.act.within')}
            type="number"
            min={1}
            max={240}
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
        </>
      )}
      {verb !== 'reassign' && (
        <Field
          label={t(verb === 'call' ? 'patrol.act.callText' : 'patrol.act.reason')}
          hint={verb === 'call' ? t('patrol.act.callHint') : undefined}
          required
          maxLength={verb === 'call' ? 160 : 500}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <div className={layout.tools}>
        <Button type="submit" look="primary" isBusy={isBusy} disabled={verb === 'insert' && !picked}>
          {t('patrol.act.go')}
        </Button>
        <Button onClick={onCancel}>{t('patrol.act.cancel')}</Button>
      </div>
    </form>
  );
}

/** Everybody in a team of the site, once. */
export function usePeople(site: number, isWanted: boolean): { id: number; display_name: string }[] {
  const teams = useQuery({
    queryKey: ['shifts', 'teams', site],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/teams', { params: { query: { site } } })),
  });
  const members = (teams.data?.items ?? []).flatMap((team) => team.members);
  return [...new Map(members.map((one) => [one.id, one])).values()];
}
