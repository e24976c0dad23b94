import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { SeverityShape } from '@/ui/SeverityMark';
import { SEVERITIES } from '@/ui/severity';
import styles from './SeverityCounts.module.css';

/** How many alarms of each priority are open; a priority without any stays grey. */
export function SeverityCounts() {
  const { t } = useTranslation();
  const counts = useAlarmSummary().data?.by_severity;
  if (!counts) return null;
  return (
    <ul className={styles.counts} aria-label={t('overview.bySeverity')}>
      {SEVERITIES.map((severity) => {
        const count = counts[severity] ?? 0;
        return (
          <li key={severity}>
            <Link to={`/alarms?severity=${severity}`} className={count ? styles.some : styles.none}>
              {count > 0 && <SeverityShape severity={severity} />}
              <strong>{count}</strong>
              <span>{t(`severity.${severity}`)}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
