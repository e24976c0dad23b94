import { useSos, useSosWatch } from '../rounds/sos';
import { follow } from '../route';
import { useStored } from '../store/db';
import { useNow } from '../store/hooks';
import { own } from '../store/kept';
import { useText } from '../text/phrases';
import { countdown, shortTime } from '../text/when';
import styles from './Alerts.module.css';

const SOON_MS = 60_000;

/** What must not be forgotten on whatever screen: an open call for help, and a timer that wants its answer. */
export function Alerts({ current }: { current: string }) {
  useSosWatch();
  return (
    <>
      {current !== 'sos' && <OpenSos />}
      {current !== 'alone' && <LoneTimer />}
    </>
  );
}

function OpenSos() {
  const t = useText();
  const open = useSos();
  if (!open) return null;
  const word =
    open.state === 'closed'
      ? t.sos.closed
      : open.by
        ? t.sos.acknowledged(open.by, shortTime(open.at ?? 0))
        : t.sos.isOpen;
  return (
    <a {...follow('/sos')} className={styles.bar} data-urgent="true" role="status">
      {word}
    </a>
  );
}

function LoneTimer() {
  const lone = useStored(() => own('lone').then((one) => one ?? null), []);
  return lone ? <Running due={lone.due_ms} /> : null;
}

function Running({ due }: { due: number }) {
  const t = useText();
  const left = due - useNow(1000);
  return (
    <a {...follow('/alone')} className={styles.bar} data-urgent={left < SOON_MS}>
      <span>{left > 0 ? t.lone.within : t.lone.late}</span>
      <strong role="timer">{countdown(left)}</strong>
    </a>
  );
}
