import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { type Doubt, Doubts } from './Doubts';
import styles from './Patrol.module.css';

const SHOWN = 10;

/** What a timetable would give: its next rounds, and what cannot work. */
export function Outlook({ outlook }: { outlook: { next: string[]; doubts: Doubt[] } }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  return (
    <div className={styles.asking} role="status">
      <h3>{t('patrol.schedule.next')}</h3>
      {outlook.next.length === 0 && <p>{t('patrol.schedule.noNext')}</p>}
      <ol>
        {outlook.next.slice(0, SHOWN).map((at) => (
          <li key={at}>{time(at)}</li>
        ))}
      </ol>
      <h3>{t('patrol.route.check')}</h3>
      <Doubts doubts={outlook.doubts} />
    </div>
  );
}
