import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Notice } from '@/ui/Notice';

/** A page that broke, or whose files are gone since the server was updated; the rest of the shell still works. */
export function PageFailure() {
  const { t } = useTranslation();
  const text = useFailureText();
  return (
    <Notice role="alert">
      <p>{text(useRouteError())}</p>
      <Button onClick={() => window.location.reload()}>{t('action.reload')}</Button>
    </Notice>
  );
}
