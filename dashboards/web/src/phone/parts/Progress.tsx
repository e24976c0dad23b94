import { useText } from '../text/phrases';
import styles from './Progress.module.css';

export function Progress({ done, all }: { done: number; all: number }) {
  const t = useText();
  return (
    <div className={styles.progress}>
      <progress value={done} max={Math.max(1, all)} aria-label={t.rounds.progress(done, all)} />
      <span className="quiet">{t.rounds.progress(done, all)}</span>
    </div>
  );
}
