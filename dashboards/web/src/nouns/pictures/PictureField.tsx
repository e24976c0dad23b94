import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import styles from './PictureField.module.css';
import { shrink } from './shrink';

interface Props {
  label: string;
  hint?: string;
  picture: string | null;
  onChange: (picture: string | null) => void;
}

/** A picture for whoever walks: chosen or taken here, kept at once, shown as it will be seen. */
export function PictureField({ label, hint, picture, onChange }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  const id = useId();
  const add = useMutation({ mutationFn: keepPicture, onSuccess: onChange });
  const choose = (files: FileList | null) => {
    const file = files?.[0];
    if (file) add.mutate(file);
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {picture && <img className={styles.picture} src={addressOf(picture)} alt={label} />}
      <input
        id={id}
        type="file"
        accept="image/*"
        aria-busy={add.isPending}
        onChange={(event) => choose(event.target.files)}
      />
      {hint && <div className="quiet small">{hint}</div>}
      {add.error && (
        <p role="alert">
          {add.error instanceof NoPicture ? t('patrol.picture.unreadable') : text(add.error)}
        </p>
      )}
      {picture && (
        <div>
          <Button look="quiet" onClick={() => onChange(null)}>
            {t('patrol.picture.remove')}
          </Button>
        </div>
      )}
    </div>
  );
}

export function addressOf(picture: string): string {
  return `/api/v1/forms/pictures/${picture}`;
}

class NoPicture extends Error {}

async function keepPicture(file: File): Promise<string> {
  const small = await shrink(file).catch((error: unknown) => {
    throw new NoPicture(String(error));
  });
  const added = await ask(
    api.POST('/api/v1/forms/pictures', {
      body: small as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
      headers: { 'content-type': 'application/octet-stream' },
    }),
  );
  return added.id;
}
