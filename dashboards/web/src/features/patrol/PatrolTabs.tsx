import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { useMay } from '@/nouns/session/session';
import styles from './Patrol.module.css';

/** The rooms of the patrol module. */
export function PatrolTabs() {
  const { t } = useTranslation();
  const mayPlan = useMay('engineer');
  if (!mayPlan) return null;
  const className = ({ isActive }: { isActive: boolean }) => (isActive ? styles.here : undefined);
  return (
    <nav className={styles.tabs} aria-label={t('patrol.title')}>
      <NavLink to="/patrol" end className={className}>
        {t('patrol.control')}
      </NavLink>
      {(['checkpoints', 'routes', 'schedules', 'plans', 'ways', 'policy'] as const).map((tab) => (
        <NavLink key={tab} to={`/patrol/plan/${tab}`} className={className}>
          {t(`patrol.tab.${tab}`)}
        </NavLink>
      ))}
      <NavLink to="/forms" className={className}>
        {t('patrol.forms')}
      </NavLink>
    </nav>
  );
}
