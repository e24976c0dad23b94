import { useTranslation } from 'react-i18next';
import styles from './Patrol.module.css';

/** Photos of the log of evidence, small; each opens whole. */
export function PhotoList({ ids }: { ids: string[] }) {
  const { t } = useTranslation();
  if (ids.length === 0) return null;
  return (
    <div className={styles.photos}>
      {ids.map((id, index) => (
        <a key={id} href={`/api/v1/patrol/photos/${id}`} target="_blank" rel="noreferrer">
          <img
            src={`/api/v1/patrol/photos/${id}`}
            alt={t('patrol.round.photo', { number: index + 1 })}
            loading="lazy"
          />
        </a>
      ))}
    </div>
  );
}
