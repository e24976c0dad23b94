import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { useLoginLink } from './queries';

/** A link that logs a person in once; shown this once. */
export function LoginLink({ user, onClose }: { user: User; onClose: () => void }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const text = useFailureText();
  const link = useLoginLink();
  const make = useRef(link.mutate);
  useEffect(() => make.current(user.id), [user.id]);
  const copy = async (url: string) => {
    await navigator.clipboard.writeText(url);
    tell(t('admin.copied'));
  };
  return (
    <Dialog title={t('admin.linkFor', { name: user.display_name })} onClose={onClose}>
      <div className={layout.form}>
        <p>{t('admin.linkMeans')}</p>
        {link.error && <p role="alert">{text(link.error)}</p>}
        {link.data && (
          <>
            <Field
              label={t('admin.link')}
              readOnly
              value={link.data.url}
              hint={t('admin.linkUntil', { time: time(link.data.expires_at) })}
              onFocus={(event) => event.target.select()}
            />
            {/* Browsers offer the clipboard on https and this machine only. */}
            {window.isSecureContext && (
              <Button look="primary" isLarge onClick={() => copy(link.data.url)}>
                {t('admin.copy')}
              </Button>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}
