import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { useFailureText } from '@/ui/Failure';
import { Notice } from '@/ui/Notice';
import type { Tried } from './queries';

/** What the other side really said. */
export function TestAnswer({ test }: { test: { data: Tried | undefined; error: unknown } }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  if (test.error) return <Notice role="alert">{text(test.error)}</Notice>;
  if (!test.data) return null;
  return (
    <Notice role="status">
      <strong>{t(test.data.ok ? 'notify.testSent' : 'notify.testFailed')}</strong>{' '}
      {t('notify.tookMs', { ms: test.data.took_ms })}
      <div className="small" style={{ overflowWrap: 'anywhere' }}>
        {label(test.data.answer)}
      </div>
    </Notice>
  );
}
