import { type ChangeEvent, useId, useState } from 'react';
import { Button } from '@/ui/Button';
import { Icon } from '@/ui/icons';
import { keepPhoto } from '../device/photos';
import { db, useStored } from '../store/db';
import { useBlobUrl } from '../store/hooks';
import { useText } from '../text/phrases';
import { fullTime } from '../text/when';
import { who } from '../who';
import { CameraIcon } from './icons';
import styles from './PhotoField.module.css';

interface Props {
  photoIds: string[];
  onChange: (photoIds: string[]) => void;
  /** Where it was taken: written on the photo beside time and person. */
  mark: string;
  most?: number;
  label?: string;
}

/** Photos in one tap, by the phone's own camera. Each is kept on this phone before it is shown. */
export function PhotoField({ photoIds, onChange, mark, most = 5, label }: Props) {
  const t = useText();
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const input = event.target;
    const file = input.files?.[0];
    if (!file) return;
    setBusy(true);
    setProblem(null);
    try {
      const written = [fullTime(Date.now()), mark, who()?.person.display_name].filter(Boolean).join('  ');
      onChange([...photoIds, await keepPhoto(file, written)]);
    } catch (error) {
      const isPicture = !(error instanceof DOMException && error.name === 'InvalidStateError');
      setProblem(isPicture ? t.failure.notKept : t.photo.broken);
    } finally {
      input.value = '';
      setBusy(false);
    }
  };
  const word = label ?? (photoIds.length ? t.photo.more : t.photo.take);
  return (
    <div className={styles.field}>
      {photoIds.map((photo, i) => (
        <Shot
          key={photo}
          id={photo}
          name={t.photo.alt(i + 1)}
          onRemove={() => {
            onChange(photoIds.filter((one) => one !== photo));
            // Not part of any event yet: it need not be sent either.
            void db.photos.delete(photo);
          }}
        />
      ))}
      {photoIds.length < most && (
        <div className={styles.take}>
          <label htmlFor={id}>
            <CameraIcon size={26} />
            {isBusy ? t.photo.keeping : word}
          </label>
          <input
            id={id}
            type="file"
            accept="image/*"
            capture="environment"
            disabled={isBusy}
            onChange={take}
          />
        </div>
      )}
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}

function Shot({ id, name, onRemove }: { id: string; name: string; onRemove: () => void }) {
  const t = useText();
  const photo = useStored(() => db.photos.get(id).then((one) => one ?? null), [id]);
  const url = useBlobUrl(photo?.blob);
  return (
    <div className={styles.shot}>
      {url && <img src={url} alt={name} />}
      <Button isLarge onClick={onRemove} aria-label={`${t.photo.remove}: ${name}`}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
