import { useTranslation } from 'react-i18next';
import { useNow } from '@/live/clock';
import { useReading } from '@/live/hooks';
import { QUALITY } from '@/live/store';
import type { Point } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { isNumeric, sideOf, trustOf, valueText } from './reading';
import styles from './Value.module.css';

interface Props {
  point: Point;
  size?: 'normal' | 'large';
  /** Say how old the value is even while it is fresh. */
  hasAge?: boolean;
}

/** One value with its unit and, when it cannot be fully believed, the word for why. */
export function Value({ point, size = 'normal', hasAge }: Props) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const reading = useReading(point.id);
  const now = useNow();
  const trust = trustOf(point, reading, now);
  const side = reading ? sideOf(point, reading.value) : null;
  const isNone = !reading || reading.value === null;
  const isTyped = reading?.quality === QUALITY.manual;
  return (
    <span className={`${styles.value} ${styles[size]} ${styles[trust]}`}>
      <span className={isNumeric(point) ? styles.number : `${styles.number} ${styles.words}`}>
        {isNone ? (
          t('value.none')
        ) : (
          <>
            {side && trust !== 'stale' && <SideMark side={side} />}
            {valueText(point, reading.value, label)}
            {point.unit && <span className={styles.unit}> {point.unit}</span>}
          </>
        )}
      </span>
      {trust === 'stale' && reading && (
        <span className={styles.word}>{t('value.stale', { age: duration(now - reading.at) })}</span>
      )}
      {trust === 'suspect' && <span className={styles.word}>{t('value.suspect')}</span>}
      {isTyped && <span className={styles.word}>{t('value.manual')}</span>}
      {trust === 'bad' && <span className={styles.word}>{t('value.bad')}</span>}
      {(hasAge || isTyped) && trust === 'live' && reading && (
        <span className={styles.age}>{t('value.age', { age: duration(now - reading.at) })}</span>
      )}
    </span>
  );
}

/** Outside of the normal band, but not (yet) an alarm: a shape and a word, no colour. */
function SideMark({ side }: { side: 'above' | 'below' }) {
  const { t } = useTranslation();
  const word = t(`value.${side}`);
  return (
    <>
      <svg className={styles.side} viewBox="0 0 10 10" aria-hidden="true">
        <path d={side === 'above' ? 'M5 1 9.500 9H.500z' : 'M5 9 9.500 1H.500z'} />
      </svg>
      <span className="only-read-aloud">{word} </span>
    </>
  );
}
