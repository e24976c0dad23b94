import { db, useStored } from '../store/db';
import { useBlobUrl } from '../store/hooks';
import { photoUrl, SHARED_PHOTOS } from '../sync/bundle';
import { useText } from '../text/phrases';
import styles from './PhotoField.module.css';

/** Photos of somebody else's note or finding, carried along for where there is no signal. */
export function SharedPhotos({ ids }: { ids: string[] }) {
  return ids.slice(0, SHARED_PHOTOS).map((id, i) => <Shared key={id} id={id} position={i + 1} />);
}

function Shared({ id, position }: { id: string; position: number }) {
  const t = useText();
  const found = useStored(
    async () => (await db.pictures.get(photoUrl(id)))?.blob ?? (await db.photos.get(id))?.blob ?? null,
    [id],
  );
  const url = useBlobUrl(found);
  return url && <img className={styles.shared} src={url} alt={t.photo.alt(position)} />;
}
