import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFindings } from '@/nouns/patrol/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './Patrol.module.css';
import { PhotoList } from './PhotoList';

/** Defects found on the round, and what became of them. */
export function RoundFindings({ round }: { round: number }) {
  const mayRead = useMay('engineer');
  return mayRead ? <Found round={round} /> : null;
}

function Found({ round }: { round: number }) {
  const { t } = useTranslation();
  const { clock, short } = useFormat();
  const found = (useFindings().data?.items ?? []).filter((one) => one.round_id === round);
  return (
    <Panel title={t('patrol.round.findings')}>
      {found.length === 0 && <p className="quiet">{t('patrol.round.noFindings')}</p>}
      <ul className={styles.lines}>
        {found.map((one) => (
          <li key={one.id}>
            <div className={styles.across}>
              <SeverityMark severity={one.severity as 'critical' | 'high' | 'medium' | 'low'} />
              <span className="quiet small">{clock(one.at)}</span>
            </div>
            <p>{one.text}</p>
            <span className="small">
              {one.fixed_at
                ? `${t('patrol.round.fixed')} ${short(one.fixed_at)}`
                : t('patrol.round.openFinding')}
              {one.ticket_id !== null && (
                <>
                  {' · '}
                  <Link to={`/tickets/${one.ticket_id}`}>
                    {t('patrol.round.ticket')} {one.ticket_id}
                  </Link>
                </>
              )}
            </span>
            <PhotoList ids={one.photo_ids} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
