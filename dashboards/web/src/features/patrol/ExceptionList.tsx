import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, ask } from '@/api/client';
import { together } from '@/nouns/patrol/exceptions';
import {
  type Checkpoint,
  type Exception,
  type SettledAs,
  useExceptions,
  usePatrolWrite,
} from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import styles from './Patrol.module.css';
import { useExceptionName, useSettledName } from './words';

const A_PAGE = 20;

export function ExceptionPanel({
  site,
  checkpoints,
}: {
  site: number | null;
  checkpoints: Map<number, Checkpoint>;
}) {
  const { t } = useTranslation();
  const [isAll, setIsAll] = useState(false);
  const [limit, setLimit] = useState(A_PAGE);
  const query = useExceptions(site, isAll ? 'all' : 'open', limit);
  return (
    <Panel
      title={t('patrol.exceptions')}
      actions={
        <label>
          <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.target.checked)} />{' '}
          {t('patrol.showSettled')}
        </label>
      }
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.noExceptions')} />}
      >
        {(data) => (
          <>
            <ul className={styles.lines}>
              {together(data.items).map(([first, ...rest]) =>
                rest.length > 0 ? (
                  <MissedLine key={first.id} missed={[first, ...rest]} checkpoints={checkpoints} />
                ) : (
                  <ExceptionLine key={first.id} exception={first} checkpoints={checkpoints} />
                ),
              )}
            </ul>
            {data.next !== null && (
              <Button onClick={() => setLimit((before) => Math.min(before + 100, 500))}>
                {t('action.more')}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

interface LineProps {
  exception: Exception;
  checkpoints: Map<number, Checkpoint>;
  /** On the round's own page. */
  hasRound?: boolean;
}

/** What happened, who and where, the reason in words, and the decision. */
export function ExceptionLine({ exception, checkpoints, hasRound }: LineProps) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  const nameOf = useExceptionName();
  const settledAs = useSettledName();
  const [isOpen, setIsOpen] = useState(false);
  const place = checkpoints.get(exception.checkpoint_id ?? 0);
  return (
    <li>
      <div className={styles.across}>
        <strong>{nameOf(exception.code)}</strong>
        <span className="quiet small nowrap">{short(exception.at)}</span>
      </div>
      <div className="small">
        {[exception.person?.display_name, place && label(place.name)].filter(Boolean).join(' · ')}
      </div>
      <div>{label(exception.detail)}</div>
      <div className={styles.across}>
        {exception.settled_at ? (
          <span className="quiet small">
            {t('patrol.settle.by', {
              how: settledAs(exception.settled_as),
              name: exception.settled_by,
              time: short(exception.settled_at),
            })}
            {exception.comment && ` · ${exception.comment}`}
          </span>
        ) : (
          <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {t('patrol.settle.open')}
          </Button>
        )}
        {exception.round_id !== null && !hasRound && (
          <Link to={`/patrol/rounds/${exception.round_id}`}>{t('patrol.openRound')}</Link>
        )}
      </div>
      {isOpen && exception.settled_at === null && <Settling ids={[exception.id]} />}
    </li>
  );
}

interface MissedProps {
  missed: Exception[];
  checkpoints: Map<number, Checkpoint>;
}

/** Checkpoints that were missed in one round: one matter, decided at once. */
function MissedLine({ missed, checkpoints }: MissedProps) {
  const { t } = useTranslation();
  const { label, short, language } = useFormat();
  const [isOpen, setIsOpen] = useState(false);
  const [first] = missed;
  if (!first) return null;
  const places = missed.flatMap((one) => {
    const place = checkpoints.get(one.checkpoint_id ?? 0);
    return place ? [label(place.name)] : [];
  });
  return (
    <li>
      <div className={styles.across}>
        <strong>{t('patrol.missedTogether', { count: missed.length })}</strong>
        <span className="quiet small nowrap">{short(first.at)}</span>
      </div>
      <div className="small">{first.person?.display_name ?? t('patrol.nobodyCame')}</div>
      <div>{places.join(language === 'zh' ? '、' : ', ')}</div>
      <div className={styles.across}>
        <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {t('patrol.settle.open')}
        </Button>
        <Link to={`/patrol/rounds/${first.round_id}`}>{t('patrol.openRound')}</Link>
      </div>
      {isOpen && <Settling ids={missed.map((one) => one.id)} />}
    </li>
  );
}

function Settling({ ids }: { ids: number[] }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [kind, setKind] = useState<SettledAs>('innocent');
  const [comment, setComment] = useState('');
  const settle = usePatrolWrite(async () => {
    for (const id of ids)
      await ask(
        api.POST('/api/v1/patrol/exceptions/{row_id}/settle', {
          params: { path: { row_id: id } },
          body: { settled_as: kind, comment: comment || null },
        }),
      );
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    settle.mutate(undefined);
  };
  return (
    <form className={styles.asking} onSubmit={submit}>
      <Segmented<SettledAs>
        label={t('patrol.settle.title')}
        value={kind}
        options={(['innocent', 'excused', 'confirmed'] as const).map((value) => ({
          value,
          label: t(`patrol.settle.${value}`),
        }))}
        onPick={setKind}
      />
      <Field
        label={t('patrol.settle.comment')}
        hint={t('action.optional')}
        value={comment}
        maxLength={2000}
        onChange={(event) => setComment(event.target.value)}
      />
      {settle.error && <p role="alert">{text(settle.error)}</p>}
      <Button type="submit" look="primary" isBusy={settle.isPending}>
        {t('action.save')}
      </Button>
    </form>
  );
}
