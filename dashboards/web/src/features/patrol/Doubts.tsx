import { useTranslation } from 'react-i18next';
import type { Answer } from '@/api/answers';
import { useFormat } from '@/text/format';
import styles from './Patrol.module.css';

export type Doubt = Answer<'/api/v1/patrol/routes/{row_id}/check'>[number];

/** What about a plan cannot work, said before somebody is sent out to fail. */
export function Doubts({ doubts }: { doubts: Doubt[] }) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  if (doubts.length === 0) return <p className="quiet">{t('patrol.route.fine')}</p>;
  return (
    <ul className={styles.lines}>
      {doubts.map((doubt) => (
        <li key={`${doubt.code}-${doubt.checkpoint_id}-${doubt.at}`}>
          <span>
            <strong className={`${styles.strength} ${doubt.is_certain ? styles.refused : styles.weak}`}>
              {t(doubt.is_certain ? 'patrol.route.certain' : 'patrol.route.perhaps')}
            </strong>{' '}
            {label(doubt.text)}
            {doubt.at && ` (${short(doubt.at)})`}
          </span>
        </li>
      ))}
    </ul>
  );
}
