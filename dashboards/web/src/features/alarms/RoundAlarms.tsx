import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { together } from '@/nouns/patrol/exceptions';
import { type Exception, useExceptions } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Panel } from '@/ui/Panel';
import { useIsPhone } from '@/ui/screen';
import styles from './RoundAlarms.module.css';

const CODES = ['late', 'missed'];
const MOST_READ = 100;
/** The machines' alarms stay on the screen as well. */
const MOST_SHOWN = { desk: 3, phone: 1 };

/** Rounds that are late or were missed, and that nobody has settled: alarms of people instead of machines. */
export function RoundAlarms() {
  const { t } = useTranslation();
  const page = useExceptions(null, 'open', MOST_READ, CODES).data;
  const rounds = together(page?.items ?? []);
  const shown = useIsPhone() ? MOST_SHOWN.phone : MOST_SHOWN.desk;
  if (!rounds.length) return null;
  return (
    <Panel
      title={t('alarm.rounds.title', { count: rounds.length })}
      actions={<Link to="/patrol">{t('alarm.rounds.all')}</Link>}
      isFlush
    >
      {rounds.slice(0, shown).map((exceptions) => (
        <Line key={exceptions[0].id} exceptions={exceptions} />
      ))}
    </Panel>
  );
}

function Line({ exceptions }: { exceptions: [Exception, ...Exception[]] }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const now = useNow();
  const [first] = exceptions;
  const what =
    first.code === 'late' ? t('alarm.rounds.late') : t('alarm.rounds.missed', { count: exceptions.length });
  return (
    <Link
      to={first.round_id === null ? '/patrol' : `/patrol/rounds/${first.round_id}`}
      className={styles.line}
    >
      <strong>{what}</strong>
      <span>{label(first.detail)}</span>
      <span className="quiet">{first.person?.display_name ?? t('alarm.rounds.nobody')}</span>
      <span className="quiet nowrap">{duration(now - Date.parse(first.at))}</span>
    </Link>
  );
}
