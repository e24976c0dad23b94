import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMay } from '@/nouns/session/session';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Notice } from '@/ui/Notice';
import { Pages } from '@/ui/Pages';
import { PageHead, Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { useTitle } from '@/ui/screen';
import { AssignDialog } from './AssignDialog';
import { DeviceCard } from './DeviceCard';
import styles from './Inbox.module.css';
import { PAGE, type UnknownDevice, useDismiss, useInbox } from './queries';

/** What devices send that no point takes: assigned in two clicks, in bulk, or put aside. */
export function InboxPage() {
  const { t } = useTranslation();
  const text = useFailureText();
  const mayAssign = useMay('admin');
  const [shown, setShown] = useState<'waiting' | 'dismissed'>('waiting');
  const [offset, setOffset] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [assigning, setAssigning] = useState<UnknownDevice[] | null>(null);
  const [undoable, setUndoable] = useState<{ device: string; ids: number[] } | null>(null);
  const isDismissed = shown === 'dismissed';
  const query = useInbox(isDismissed, offset);
  const dismiss = useDismiss();
  useTitle(t('onboarding.inbox'));

  const pick = (device: string) =>
    setPicked(
      (now) => new Set(now.has(device) ? [...now].filter((one) => one !== device) : [...now, device]),
    );
  const put = (device: UnknownDevice, dismissed: boolean) => {
    const ids = device.sources.map((source) => source.id);
    dismiss.mutate(
      { ids, dismissed },
      { onSuccess: () => setUndoable(dismissed ? { device: device.device, ids } : null) },
    );
  };
  const chosen = (query.data?.items ?? []).filter((device) => picked.has(device.device));
  return (
    <>
      <PageHead
        title={t('onboarding.inbox')}
        under={t('onboarding.inboxMeans')}
        actions={<Link to="/devices">{t('onboarding.devices')}</Link>}
      />
      <div className={layout.tools}>
        <Segmented
          label={t('onboarding.which')}
          value={shown}
          options={(['waiting', 'dismissed'] as const).map((value) => ({
            value,
            label: t(`onboarding.${value}`),
          }))}
          onPick={(next) => {
            setShown(next);
            setOffset(0);
          }}
        />
        <span className="quiet">{t('onboarding.deviceCount', { count: query.data?.total ?? 0 })}</span>
        {mayAssign && chosen.length > 0 && !isDismissed && (
          <Button look="primary" onClick={() => setAssigning(chosen)}>
            {t('onboarding.assignMany', { count: chosen.length })}
          </Button>
        )}
      </div>
      {undoable && (
        <Notice role="status">
          <p>{t('onboarding.putAside', { device: undoable.device })}</p>
          <Button
            onClick={() =>
              dismiss.mutate({ ids: undoable.ids, dismissed: false }, { onSuccess: () => setUndoable(null) })
            }
            isBusy={dismiss.isPending}
          >
            {t('onboarding.undo')}
          </Button>
        </Notice>
      )}
      {dismiss.error && <Notice role="alert">{text(dismiss.error)}</Notice>}
      <Loaded
        query={query}
        lines={8}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Panel>
            <Empty title={t(isDismissed ? 'onboarding.noneDismissed' : 'onboarding.noneWaiting')}>
              {!isDismissed && t('onboarding.noneWaitingHint')}
            </Empty>
          </Panel>
        }
      >
        {(page) => (
          <>
            <ul className={styles.cards}>
              {page.items.map((device) => (
                <DeviceCard
                  key={device.device}
                  device={device}
                  isPicked={picked.has(device.device)}
                  isDismissed={isDismissed}
                  mayAssign={mayAssign}
                  onPick={() => pick(device.device)}
                  onAssign={() => setAssigning([device])}
                  onPut={() => put(device, !isDismissed)}
                />
              ))}
            </ul>
            <Pages total={page.total} size={PAGE} offset={offset} onGo={setOffset} />
          </>
        )}
      </Loaded>
      {assigning && (
        <AssignDialog
          devices={assigning}
          onClose={() => setAssigning(null)}
          onDone={() => setPicked(new Set())}
        />
      )}
    </>
  );
}
