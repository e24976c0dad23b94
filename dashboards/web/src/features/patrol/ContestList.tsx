import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, ask } from '@/api/client';
import { type Checkpoint, type Contest, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Patrol.module.css';

interface Props {
  contests: Contest[];
  checkpoints: Map<number, Checkpoint>;
  hasRound?: boolean;
}

/** Missed points that somebody contests, and what was decided about them. */
export function ContestList({ contests, checkpoints, hasRound }: Props) {
  return (
    <ul className={styles.lines}>
      {contests.map((one) => (
        <Line key={one.id} contest={one} place={checkpoints.get(one.checkpoint_id)} hasRound={hasRound} />
      ))}
    </ul>
  );
}

function Line({ contest, place, hasRound }: { contest: Contest; place?: Checkpoint; hasRound?: boolean }) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  const text = useFailureText();
  const [comment, setComment] = useState('');
  const decide = usePatrolWrite((is_granted: boolean) =>
    ask(
      api.POST('/api/v1/patrol/contests/{contest_id}/decide', {
        params: { path: { contest_id: contest.id } },
        body: { is_granted, comment: comment || null },
      }),
    ),
  );
  return (
    <li>
      <div className={styles.across}>
        <strong>{place ? label(place.name) : contest.checkpoint_id}</strong>
        <span className="quiet small nowrap">{short(contest.at)}</span>
      </div>
      <p>
        {t('patrol.contestSays', { name: contest.person.display_name })} “{contest.reason}”
      </p>
      {!hasRound && <Link to={`/patrol/rounds/${contest.round_id}`}>{t('patrol.openRound')}</Link>}
      {contest.decided_at ? (
        <span className="quiet small">
          {t(contest.is_granted ? 'patrol.granted' : 'patrol.notGranted')} · {contest.decided_by}
          {contest.comment && ` · ${contest.comment}`}
        </span>
      ) : (
        <div className={layout.form}>
          <Field
            label={t('patrol.settle.comment')}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          {decide.error && <p role="alert">{text(decide.error)}</p>}
          <div className={layout.tools}>
            <Button look="primary" isBusy={decide.isPending} onClick={() => decide.mutate(true)}>
              {t('patrol.grant')}
            </Button>
            <Button isBusy={decide.isPending} onClick={() => decide.mutate(false)}>
              {t('patrol.refuse')}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
