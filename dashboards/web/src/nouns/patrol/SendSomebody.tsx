import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Answer } from '@/api/answers';
import { api, ask } from '@/api/client';
import { BY_ITSELF } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Empty, Loaded } from '@/ui/Loaded';
import { tell } from '@/ui/toasts';
import { useCheckpoints, usePatrolWrite } from './queries';
import styles from './SendSomebody.module.css';

type Outlook = Answer<'/api/v1/patrol/dispatches/{alarm_id}'>;
type Candidate = Outlook['people'][number];
export type Dispatch = NonNullable<Outlook['sent']>;

interface Props {
  alarm: number;
  name: Label;
}

/** Sends whoever is nearest to an alarm, after showing who that is and why. */
export function SendSomebody({ alarm, name }: Props) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>{t('sending.send')}</Button>
      {isOpen && <SendDialog alarm={alarm} name={name} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function SendDialog({ alarm, name, onClose }: Props & { onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const query = useQuery({
    queryKey: ['patrol', 'dispatch', alarm],
    queryFn: () =>
      ask(api.GET('/api/v1/patrol/dispatches/{alarm_id}', { params: { path: { alarm_id: alarm } } })),
  });
  const send = usePatrolWrite((user: number) =>
    ask(api.POST('/api/v1/patrol/dispatches', { body: { alarm_id: alarm, user_id: user } })),
  );
  const go = (candidate: Candidate) =>
    send.mutate(candidate.person.id, {
      onSuccess: () => {
        tell(t('sending.done', { name: candidate.person.display_name }));
        onClose();
      },
    });
  return (
    <Dialog title={t('sending.title', { alarm: label(name) })} onClose={onClose}>
      <Loaded query={query} lines={5}>
        {(outlook) => (
          <div className={styles.stack}>
            <Who outlook={outlook} isBusy={send.isPending} onSend={go} />
            {send.error && <p role="alert">{text(send.error)}</p>}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

interface WhoProps {
  outlook: Outlook;
  isBusy: boolean;
  onSend: (candidate: Candidate) => void;
}

function Who({ outlook, isBusy, onSend }: WhoProps) {
  const { t } = useTranslation();
  const placeOf = usePlaceName();
  if (outlook.sent?.is_under_way) return <DispatchText dispatch={outlook.sent} />;
  if (outlook.checkpoint_id === null) return <Empty title={t('sending.noPlace')} />;
  if (outlook.people.length === 0) return <Empty title={t('sending.nobody')} />;
  return (
    <>
      {outlook.sent && <DispatchText dispatch={outlook.sent} />}
      <p>
        {t('sending.to', { place: placeOf(outlook.checkpoint_id) })}{' '}
        {t(outlook.is_suspending ? 'sending.waits' : 'sending.inserted')}
      </p>
      <ul className={styles.people}>
        {outlook.people.map((one, index) => (
          <li key={one.person.id}>
            <div>
              <strong>{one.person.display_name}</strong>
              {index === 0 && <> · {t('sending.nearest')}</>}
              <Why candidate={one} />
            </div>
            <Button
              look={index === 0 ? 'primary' : 'plain'}
              isBusy={isBusy}
              onClick={() => onSend(one)}
              aria-label={t('sending.sendThem', { name: one.person.display_name })}
            >
              {t('sending.send')}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Why({ candidate }: { candidate: Candidate }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const placeOf = usePlaceName();
  const { way_s, last_id, round_name } = candidate;
  const facts = [
    way_s === null ? t('sending.unknownWay') : t('sending.away', { time: duration(way_s * 1000) }),
    last_id !== null && t('sending.last', { place: placeOf(last_id) }),
    candidate.is_sent
      ? t('sending.sentAlready')
      : round_name && t('sending.walks', { round: label(round_name) }),
    t(candidate.is_on_shift ? 'sending.onShift' : 'sending.offShift'),
  ];
  return <div className="quiet small">{facts.filter(Boolean).join(' · ')}</div>;
}

/** Who was sent, by whom, and whether they came; and why this one. */
export function DispatchText({ dispatch }: { dispatch: Dispatch }) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const name = dispatch.person?.display_name;
  const by = dispatch.by === BY_ITSELF ? t('sending.byItself') : dispatch.by;
  const time = clock(dispatch.at);
  return (
    <div>
      {name && (
        <p>
          {dispatch.arrived_at
            ? t('sending.arrived', { name, time: clock(dispatch.arrived_at) })
            : t(dispatch.is_under_way ? 'sending.sentTo' : 'sending.notCome', {
                name,
                time,
                by,
              })}
        </p>
      )}
      <p className="quiet small">{label(dispatch.why)}</p>
    </div>
  );
}

function usePlaceName() {
  const { label } = useFormat();
  const places = new Map((useCheckpoints().data?.items ?? []).map((one) => [one.id, one.name]));
  return (id: number) => label(places.get(id) ?? { en: String(id), zh: String(id) });
}
