import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { ChannelDialog } from './ChannelDialog';
import styles from './Notifications.module.css';
import { type Channel, useChannels, useTestChannel } from './queries';
import { TestAnswer } from './TestAnswer';

/** The ways out of the house, and how they are doing. */
export function Channels() {
  const { t } = useTranslation();
  const query = useChannels();
  const [edited, setEdited] = useState<Channel | 'new' | null>(null);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" onClick={() => setEdited('new')}>
          {t('notify.addChannel')}
        </Button>
      </div>
      <Loaded
        query={query}
        lines={5}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('notify.noChannels')}>{t('notify.noChannelsHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {data.items.map((one) => (
              <ChannelCard key={one.id} channel={one} onEdit={() => setEdited(one)} />
            ))}
          </div>
        )}
      </Loaded>
      {edited && <ChannelDialog channel={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function ChannelCard({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  const { t } = useTranslation();
  const { label, short } = useFormat();
  const test = useTestChannel();
  return (
    <Panel title={channel.name} actions={<Button onClick={onEdit}>{t('action.edit')}</Button>}>
      <div className={layout.form}>
        <p>
          {t(`notify.way.${channel.kind}`)} · <span className="quiet">{channel.shown}</span>
          {channel.broken && <strong>{label(channel.broken)}</strong>}
          {!channel.enabled && <strong> · {t('notify.off')}</strong>}
        </p>
        <p className="quiet small">
          {channel.last_sent_at
            ? t('notify.lastSent', { time: short(channel.last_sent_at) })
            : t('notify.neverSent')}
          {channel.tokens !== null && ` · ${t('notify.tokens', { count: Math.floor(channel.tokens) })}`}
        </p>
        {channel.failing_since && (
          <div className={styles.trouble}>
            <strong>{t('notify.failingSince', { time: short(channel.failing_since) })}</strong>
            {channel.last_error && <div className="small">{label(channel.last_error)}</div>}
            {channel.blocked_until && (
              <div className="small">{t('notify.blockedUntil', { time: short(channel.blocked_until) })}</div>
            )}
          </div>
        )}
        <div className={layout.tools}>
          <Button isBusy={test.isPending} onClick={() => test.mutate(channel.id)}>
            {t('notify.test')}
          </Button>
        </div>
        <TestAnswer test={test} />
      </div>
    </Panel>
  );
}
