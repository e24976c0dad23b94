import { useEffect, useRef } from 'react';
import { Button } from '@/ui/Button';
import type { Call as CallOf } from '../api';
import { call as ring } from '../device/sound';
import { go } from '../route';
import { findRound, useBundle, useEvents } from '../store/hooks';
import { record } from '../store/log';
import { sync } from '../sync/engine';
import { onChanged } from '../sync/live';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { shortTime } from '../text/when';
import styles from './Calls.module.css';

const AGAIN_MS = 8000;

/** The control room calls: over everything, out loud, until the person says that they have seen it. */
export function Calls() {
  const kept = useBundle();
  const events = useEvents();
  useEffect(() => onChanged('calls', () => void sync()), []);
  const isAnswered = (id: string) =>
    events.some((one) => one.kind === 'call_answered' && one.event.payload.call_id === id);
  const first = kept?.bundle.calls.find((one) => !isAnswered(one.id));
  if (!kept || !first) return null;
  return <Call key={first.id} call={first} about={say(findRound(kept.bundle, first.round_id)?.name)} />;
}

function Call({ call, about }: { call: CallOf; about: string }) {
  const t = useText();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (box.current && !box.current.open) box.current.showModal();
    ring();
    const timer = setInterval(ring, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const answer = async (path?: string) => {
    await record('call_answered', { call_id: call.id });
    if (path) go(path);
  };
  return (
    <dialog
      ref={box}
      className={styles.call}
      aria-labelledby="call-text"
      onCancel={(event) => event.preventDefault()}
    >
      <p>{t.call.title}</p>
      <h2 id="call-text">{call.text}</h2>
      <p className="quiet">{[call.by, shortTime(call.at), about].filter(Boolean).join(' · ')}</p>
      <Button look="primary" isLarge className={styles.answer} onClick={() => void answer()}>
        {t.call.answer}
      </Button>
      <Button isLarge onClick={() => void answer(`/round/${call.round_id}`)}>
        {t.call.open}
      </Button>
    </dialog>
  );
}
