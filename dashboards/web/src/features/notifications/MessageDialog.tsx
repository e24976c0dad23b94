import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import styles from './Notifications.module.css';
import { useMessage, useRetry } from './queries';

/** One message with each of its tries. */
export function MessageDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  const text = useFailureText();
  const query = useMessage(id);
  const retry = useRetry();
  return (
    <Dialog title={t('notify.message', { number: id })} look="drawer" onClose={onClose}>
      <Loaded query={query} lines={6}>
        {(message) => (
          <div className={layout.form}>
            <p>
              <strong>{label(message.title)}</strong>
            </p>
            <dl className={styles.facts}>
              <dt>{t('notify.to')}</dt>
              <dd>{message.recipient?.display_name ?? message.channel}</dd>
              <dt>{t('notify.kind')}</dt>
              <dd>{t(`notify.way.${message.way}`)}</dd>
              <dt>{t('notify.status')}</dt>
              <dd>{t(`notify.messageState.${message.state}`)}</dd>
              <dt>{t('notify.written')}</dt>
              <dd>{time(message.created_at)}</dd>
              {message.next_ways.length > 0 && (
                <>
                  <dt>{t('notify.nextWays')}</dt>
                  <dd>{message.next_ways.join(' → ')}</dd>
                </>
              )}
              {message.fallback_of && (
                <>
                  <dt>{t('notify.insteadOf')}</dt>
                  <dd>{t('notify.message', { number: message.fallback_of })}</dd>
                </>
              )}
              {message.digest_id && (
                <>
                  <dt>{t('notify.inDigest')}</dt>
                  <dd>{t('notify.message', { number: message.digest_id })}</dd>
                </>
              )}
            </dl>
            <h3>{t('notify.tries', { count: message.tries.length })}</h3>
            <ol className={styles.rows}>
              {message.tries.map((one) => (
                <li key={one.at}>
                  <span className={styles.grow}>
                    <strong>{t(`notify.outcome.${one.outcome}`)}</strong>{' '}
                    <span className="quiet small">{time(one.at)}</span>
                    <span className={styles.answer}>{label(one.answer)}</span>
                  </span>
                </li>
              ))}
            </ol>
            {retry.error && <p role="alert">{text(retry.error)}</p>}
            {message.state === 'failed' && (
              <Button look="primary" isBusy={retry.isPending} onClick={() => retry.mutate(id)}>
                {t('notify.sendAgain')}
              </Button>
            )}
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}
