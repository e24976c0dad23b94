import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { More } from '@/ui/More';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { SeverityShape } from '@/ui/SeverityMark';
import { MessageDialog } from './MessageDialog';
import styles from './Notifications.module.css';
import { type Message, type MessageState, useOutbox, type Way } from './queries';

const STATES = ['all', 'waiting', 'failed', 'sent', 'cancelled'] as const;
const WAYS = ['all', 'push', 'email', 'dingtalk', 'wecom', 'feishu', 'webhook', 'in_app'] as const;

/** Every message, and what became of it. */
export function Outbox() {
  const { t } = useTranslation();
  const { short } = useFormat();
  const [state, setState] = useState<(typeof STATES)[number]>('all');
  const [way, setWay] = useState<(typeof WAYS)[number]>('all');
  const [shown, setShown] = useState<number | null>(null);
  const query = useOutbox({
    ...(state !== 'all' && { state: state as MessageState }),
    ...(way !== 'all' && { way: way as Way }),
  });
  return (
    <>
      <div className={layout.tools}>
        <Segmented
          label={t('notify.status')}
          value={state}
          options={STATES.map((value) => ({
            value,
            label: value === 'all' ? t('action.all') : t(`notify.messageState.${value}`),
          }))}
          onPick={setState}
        />
        <Choice
          label={t('notify.kind')}
          isCompact
          value={way}
          options={WAYS.map((value) => ({
            value,
            label: value === 'all' ? t('notify.allWays') : t(`notify.way.${value}`),
          }))}
          onPick={setWay}
        />
      </div>
      <Loaded query={query} lines={8}>
        {(data) => {
          const summary = data.pages[0]?.summary;
          const items = data.pages.flatMap((page) => page.items);
          return (
            <Panel
              isFlush
              title={t('notify.summary', { waiting: summary?.waiting ?? 0, failed: summary?.failed ?? 0 })}
              actions={
                summary?.oldest_waiting_at && (
                  <span className="quiet small">
                    {t('notify.oldest', { time: short(summary.oldest_waiting_at) })}
                  </span>
                )
              }
            >
              {items.length === 0 && <Empty title={t('notify.noMessages')} />}
              <ul className={styles.list}>
                {items.map((message) => (
                  <Row key={message.id} message={message} onOpen={() => setShown(message.id)} />
                ))}
              </ul>
              <More query={query} />
            </Panel>
          );
        }}
      </Loaded>
      {shown !== null && <MessageDialog id={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function Row({ message, onOpen }: { message: Message; onOpen: () => void }) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  return (
    <li>
      <button type="button" className={styles.notice} onClick={onOpen}>
        <SeverityShape severity={message.severity} isHollow={message.kind === 'ended'} />
        <span className={styles.grow}>
          <strong>{label(message.title)}</strong>
          <span className="quiet small">
            {t(`notify.messageKind.${message.kind}`)} · {message.recipient?.display_name ?? t('notify.group')}{' '}
            · {message.channel ?? t(`notify.way.${message.way}`)}
          </span>
          {message.last_error && message.state !== 'sent' && (
            <span className="small">{label(message.last_error)}</span>
          )}
        </span>
        <span className={styles.side}>
          <strong className={message.state === 'failed' ? styles.failed : undefined}>
            {t(`notify.messageState.${message.state}`)}
          </strong>
          <span className="quiet small nowrap">
            {message.waits_for && message.state === 'waiting'
              ? `${t(`notify.waitsFor.${message.waits_for}`)} ${short(message.due_at)}`
              : short(message.sent_at ?? message.created_at)}
          </span>
        </span>
      </button>
    </li>
  );
}
