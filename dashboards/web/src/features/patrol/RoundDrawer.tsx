import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Checkpoint, Round } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Dialog } from '@/ui/Dialog';
import layout from '@/ui/layout.module.css';
import { LegMark } from './LegMark';
import { legState, roundState } from './marks';
import styles from './Patrol.module.css';
import { RoundActions } from './RoundActions';
import { useCauseText } from './words';

interface Props {
  round: Round;
  checkpoints: Map<number, Checkpoint>;
  onClose: () => void;
}

/** A round at a glance, and what can be done about it now. */
export function RoundDrawer({ round, checkpoints, onClose }: Props) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const causeOf = useCauseText();
  const cause = causeOf(round.cause);
  return (
    <Dialog title={label(round.name)} look="drawer" onClose={onClose}>
      <div className={layout.form}>
        <p>
          {round.person?.display_name ?? t('patrol.nobody')} · {t(`patrol.state.${roundState(round)}`)} ·{' '}
          {clock(round.starts_at).slice(0, 5)}–{clock(round.window_ends_at).slice(0, 5)} ·{' '}
          {t('patrol.round.progress', { done: round.done, total: round.total })}
        </p>
        {cause && (
          <p>
            {t('patrol.round.cause')}: {cause}
          </p>
        )}
        <RoundActions round={round} />
        <ul className={styles.lines}>
          {round.legs.map((leg) => {
            const place = checkpoints.get(leg.checkpoint_id);
            const why = causeOf(leg.cause);
            return (
              <li key={leg.position}>
                <div className={styles.across}>
                  <span>{place ? label(place.name) : leg.checkpoint_id}</span>
                  <LegMark state={legState(leg, round)} />
                </div>
                <div className="quiet small">
                  {[
                    leg.due_at && `${t('patrol.round.due')} ${clock(leg.due_at)}`,
                    leg.done_at && `${t('patrol.round.actual')} ${clock(leg.done_at)}`,
                    why,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
              </li>
            );
          })}
        </ul>
        <Link to={`/patrol/rounds/${round.id}`}>{t('patrol.openRound')}</Link>
      </div>
    </Dialog>
  );
}
