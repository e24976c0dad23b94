import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import { More } from '@/ui/More';
import { Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './Notifications.module.css';
import { type NoticeRow, useMarkRead, useMyNotices } from './queries';

/** What I was told of, newest first. Reading is not acknowledging. */
export function MyNotices() {
  const { t } = useTranslation();
  const query = useMyNotices();
  const mark = useMarkRead();
  return (
    <Loaded
      query={query}
      lines={8}
      isEmpty={(data) => data.pages[0]?.items.length === 0}
      empty={<Empty title={t('notify.none')}>{t('notify.noneHint')}</Empty>}
    >
      {(data) => (
        <Panel
          isFlush
          title={t('notify.unread', { count: data.pages[0]?.unread ?? 0 })}
          actions={
            <Button
              disabled={!data.pages[0]?.unread}
              isBusy={mark.isPending}
              onClick={() => mark.mutate(null)}
            >
              {t('notify.readAll')}
            </Button>
          }
        >
          <ul className={styles.list}>
            {data.pages
              .flatMap((page) => page.items)
              .map((notice) => (
                <Row key={notice.id} notice={notice} onOpen={() => mark.mutate([notice.id])} />
              ))}
          </ul>
          <More query={query} />
        </Panel>
      )}
    </Loaded>
  );
}

function Row({ notice, onOpen }: { notice: NoticeRow; onOpen: () => void }) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  return (
    <li>
      <Link
        to={notice.path}
        className={`${styles.notice} ${notice.is_read ? '' : styles.fresh}`}
        onClick={() => !notice.is_read && onOpen()}
      >
        <SeverityMark severity={notice.severity} isHollow={notice.state !== 'open'} />
        <span className={styles.grow}>
          <strong>{label(notice.title)}</strong>
          <span className="quiet small">{label(notice.body)}</span>
        </span>
        <span className={styles.side}>
          <span className="nowrap">{short(notice.told_at)}</span>
          <span className="quiet small">
            {notice.state === 'answered'
              ? t('notify.answeredBy', { name: notice.answered_by })
              : t(`notify.state.${notice.state}`)}
            {!notice.is_read && ` · ${t('notify.new')}`}
          </span>
        </span>
      </Link>
    </li>
  );
}
