import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import styles from './AlarmTabs.module.css';

const TABS = [
  { to: '/alarms', word: 'alarms' },
  { to: '/incidents', word: 'incidents' },
  { to: '/windows', word: 'windows' },
  { to: '/alarm-health', word: 'health' },
] as const;

/** The pages around alarms, from one to the other. */
export function AlarmTabs() {
  const { t } = useTranslation();
  return (
    <nav className={styles.tabs} aria-label={t('alarm.pages')}>
      {TABS.map(({ to, word }) => (
        <NavLink key={to} to={to} className={({ isActive }) => (isActive ? styles.here : undefined)}>
          {t(`alarm.tab.${word}`)}
        </NavLink>
      ))}
    </nav>
  );
}
