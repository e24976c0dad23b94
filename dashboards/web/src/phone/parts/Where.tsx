import type { Bundle, Checkpoint } from '../api';
import { db, useStored } from '../store/db';
import { useBlobUrl } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import styles from './Where.module.css';

/** The point on its floor plan, and a picture of it; both from this phone, so they are there without signal. */
export function Where({ checkpoint, bundle }: { checkpoint: Checkpoint; bundle: Bundle }) {
  const t = useText();
  const plan = bundle.plans.find((one) => one.id === checkpoint.plan?.id);
  const planUrl = usePicture(plan?.image_url ?? null);
  const photoUrl = usePicture(checkpoint.photo_url);
  const { plan: spot } = checkpoint;
  return (
    <>
      {plan && planUrl && spot && (
        <figure className={styles.plan}>
          <svg
            viewBox={`0 0 ${plan.width} ${plan.height}`}
            role="img"
            aria-label={`${t.round.plan}: ${say(plan.name)}`}
          >
            <image href={planUrl} width={plan.width} height={plan.height} />
            <g transform={`translate(${spot.x} ${spot.y}) scale(${plan.width / 400})`}>
              <circle r="16" className={styles.halo} />
              <circle r="7" className={styles.spot} />
            </g>
          </svg>
        </figure>
      )}
      {photoUrl && <img className={styles.photo} src={photoUrl} alt={t.round.picture} />}
    </>
  );
}

/** A picture that this phone has kept; null: it has not arrived, or there is none. */
export function usePicture(url: string | null): string | null {
  const picture = useStored(async () => (url ? ((await db.pictures.get(url)) ?? null) : null), [url]);
  return useBlobUrl(picture?.blob);
}
