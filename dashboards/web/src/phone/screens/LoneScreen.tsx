import { useState } from 'react';
import { Button } from '@/ui/Button';
import { allowSound } from '../device/sound';
import { Pick } from '../parts/Pick';
import { useStored } from '../store/db';
import { useNow } from '../store/hooks';
import { forgetOwn, keepOwn, own } from '../store/kept';
import { record } from '../store/log';
import { useSyncState } from '../sync/state';
import { useText } from '../text/phrases';
import { countdown } from '../text/when';

const MINUTES = ['10', '15', '30', '60'];

/** Somebody works alone: confirms in time to be well, or the control room is alerted. */
export function LoneScreen() {
  const t = useText();
  const lone = useStored(() => own('lone').then((one) => one ?? null), []);
  const { isReached } = useSyncState();
  if (lone === undefined) return <p aria-busy="true" />;
  return (
    <>
      <h1>{t.lone.title}</h1>
      <p>{t.lone.explain}</p>
      {isReached === false && <p className="note">{t.lone.offline}</p>}
      {lone ? <Running every={lone.every_s} due={lone.due_ms} /> : <Start />}
    </>
  );
}

function Start() {
  const t = useText();
  const [minutes, setMinutes] = useState('30');
  const start = async () => {
    allowSound();
    const every_s = Number(minutes) * 60;
    await record('lone_started', { every_s });
    await keepOwn('lone', { every_s, due_ms: Date.now() + every_s * 1000 });
  };
  return (
    <>
      <h2 id="lone-every">{t.lone.every}</h2>
      <Pick
        labelledBy="lone-every"
        value={minutes}
        onPick={setMinutes}
        options={MINUTES.map((one) => ({ value: one, label: t.lone.minutes(Number(one)) }))}
      />
      <Button look="primary" isLarge onClick={() => void start()}>
        {t.lone.start}
      </Button>
    </>
  );
}

function Running({ every, due }: { every: number; due: number }) {
  const t = useText();
  const left = due - useNow(1000);
  const confirm = async () => {
    allowSound();
    await record('lone_ok', {});
    await keepOwn('lone', { every_s: every, due_ms: Date.now() + every * 1000 });
  };
  const end = async () => {
    await record('lone_ended', {});
    await forgetOwn('lone');
  };
  return (
    <section className="card">
      <p>{left > 0 ? t.lone.left : t.lone.overdue}</p>
      <p className="huge" role="timer">
        {countdown(left)}
      </p>
      <Button look="primary" isLarge onClick={() => void confirm()}>
        {t.lone.ok}
      </Button>
      <Button isLarge onClick={() => void end()}>
        {t.lone.end}
      </Button>
    </section>
  );
}
