import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Patrol.module.css';

/** Photos of the log of evidence, small; each opens whole. */
export function PhotoList({ ids }: { ids: string[] }) {
  if (ids.length === 0) return null;
  return (
    <div className={styles.photos}>
      {ids.map((id, index) => (
        <Photo key={id} id={id} number={index + 1} />
      ))}
    </div>
  );
}

function Photo({ id, number }: { id: string; number: number }) {
  const { t } = useTranslation();
  const [isMissing, setIsMissing] = useState(false);
  // The event comes first; its photos follow as the phone's signal allows.
  if (isMissing) return <span className="quiet small">{t('patrol.round.photoLater', { number })}</span>;
  const address = `/api/v1/patrol/photos/${id}`;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      <img
        src={address}
        alt={t('patrol.round.photo', { number })}
        loading="lazy"
        onError={() => setIsMissing(true)}
      />
    </a>
  );
}
