import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { Button } from './Button';
import { Notice } from './Notice';

/** One sentence for what went wrong, in the person's language. */
export function useFailureText() {
  const { t } = useTranslation();
  return (error: unknown): string => {
    if (!(error instanceof ApiError)) return t('failure.page');
    if (error.status === 0) return t('failure.unreachable');
    if (error.status === 403) return error.message || t('failure.forbidden');
    if (error.status === 404) return t('failure.notFound');
    if (error.status === 429) return t('failure.tooMany', { seconds: error.retryAfterS ?? 60 });
    if (error.status >= 500) return t('failure.server', { status: error.status });
    return error.message || t('failure.server', { status: error.status });
  };
}

interface Props {
  error: unknown;
  onRetry: () => unknown;
  isRetrying?: boolean;
  /** What was shown before is still shown below. */
  isKept?: boolean;
}

export function Failure({ error, onRetry, isRetrying, isKept }: Props) {
  const { t } = useTranslation();
  const text = useFailureText();
  return (
    <Notice role="alert">
      <p>
        {text(error)} {isKept && t('failure.kept')}
      </p>
      <Button onClick={() => onRetry()} isBusy={isRetrying}>
        {t('action.retry')}
      </Button>
    </Notice>
  );
}
