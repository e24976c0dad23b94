import { useTranslation } from 'react-i18next';
import { NavLink, useLocation } from 'react-router';
import { useAlarmSummary } from '@/nouns/alarms/queries';
import { useMay } from '@/nouns/session/session';
import { Icon, type IconName } from '@/ui/icons';
import styles from './Nav.module.css';

interface Place {
  to: string;
  word:
    | 'overview'
    | 'alarms'
    | 'tickets'
    | 'assets'
    | 'patrol'
    | 'reports'
    | 'rules'
    | 'people'
    | 'inbox'
    | 'admin'
    | 'more';
  icon: IconName;
  /** Pages that are reached from it and belong to it. */
  also?: string[];
}

const PLACES: Place[] = [
  { to: '/', word: 'overview', icon: 'overview' },
  { to: '/alarms', word: 'alarms', icon: 'alarm', also: ['/incidents', '/windows', '/alarm-health'] },
  { to: '/tickets', word: 'tickets', icon: 'ticket' },
  { to: '/assets', word: 'assets', icon: 'asset' },
];

/** Pages that have no tab of their own. */
const BEHIND_MORE = [
  '/notifications',
  '/people',
  '/reports',
  '/patrol',
  '/forms',
  '/inbox',
  '/devices',
  '/rules',
  '/admin',
];

const REPORTS: Place = { to: '/reports', word: 'reports', icon: 'report' };

function Links({ places }: { places: Place[] }) {
  const { t } = useTranslation();
  const unseen = useAlarmSummary().data?.unacknowledged ?? 0;
  const { pathname } = useLocation();
  return places.map(({ to, word, icon, also = [] }) => (
    <NavLink
      key={to}
      to={to}
      end={to === '/'}
      className={({ isActive }) =>
        isActive || also.some((path) => pathname.startsWith(path))
          ? `${styles.link} ${styles.here}`
          : styles.link
      }
    >
      <Icon name={icon} size={22} />
      <span>{t(`nav.${word}`)}</span>
      {word === 'alarms' && unseen > 0 && (
        <span className={styles.count}>
          {unseen > 99 ? '99+' : unseen}
          <span className="only-read-aloud"> {t('nav.unseen')}</span>
        </span>
      )}
    </NavLink>
  ));
}

export function SideNav() {
  const { t } = useTranslation();
  const mayAdminister = useMay('engineer');
  const places: Place[] = mayAdminister
    ? [
        ...PLACES,
        { to: '/patrol', word: 'patrol', icon: 'patrol', also: ['/forms'] },
        REPORTS,
        { to: '/people', word: 'people', icon: 'user' },
        { to: '/rules', word: 'rules', icon: 'rule' },
        { to: '/inbox', word: 'inbox', icon: 'inbox', also: ['/devices'] },
        { to: '/admin', word: 'admin', icon: 'admin' },
      ]
    : [...PLACES, REPORTS];
  return (
    <nav className={styles.side} aria-label={t('nav.main')}>
      <div className={styles.brand}>
        <img src="/icon.svg" alt="" width="28" height="28" />
        <span>Plantroom</span>
      </div>
      <Links places={places} />
    </nav>
  );
}

export function TabBar() {
  const { t } = useTranslation();
  return (
    <nav className={styles.tabs} aria-label={t('nav.main')}>
      <Links places={[...PLACES, { to: '/more', word: 'more', icon: 'more', also: BEHIND_MORE }]} />
    </nav>
  );
}
