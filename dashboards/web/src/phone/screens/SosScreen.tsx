import { useEffect, useState } from 'react';
import { Button } from '@/ui/Button';
import { Field } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { followPlace, leavePlace, placeNow, placeWithin } from '../device/place';
import { allowSound } from '../device/sound';
import { HoldButton } from '../parts/HoldButton';
import { useIsSent, useSos } from '../rounds/sos';
import { useBundle, useNow } from '../store/hooks';
import { forgetOwn, keepOwn, type OpenSos } from '../store/kept';
import { record } from '../store/log';
import { useSyncState } from '../sync/state';
import { language } from '../text/language';
import { useText } from '../text/phrases';
import { shortTime } from '../text/when';

const PLACE_WITHIN_MS = 1500;

/** A call for help: held for two seconds, kept at once, sent at once; shows who has seen it. */
export function SosScreen() {
  const t = useText();
  const open = useSos();
  useEffect(() => {
    followPlace('sos');
    return () => leavePlace('sos');
  }, []);
  if (open === undefined) return <p aria-busy="true" />;
  return (
    <>
      <h1>{t.sos.title}</h1>
      {open ? <Open sos={open} /> : <Hold />}
      <Numbers />
    </>
  );
}

function Hold() {
  const t = useText();
  const [message, setMessage] = useState('');
  useNow(2000);
  const place = placeNow();
  const send = async () => {
    allowSound();
    // a call that says where is worth a moment; one that cannot goes out all the same
    await placeWithin(PLACE_WITHIN_MS);
    const logged = await record('sos', { message: message.trim() || null });
    await keepOwn('sos', { id: logged.id, sent_ms: Date.now() });
  };
  return (
    <>
      <HoldButton word={t.sos.hold} holding={t.sos.holding} onHeld={() => void send()} />
      <p>{place ? t.sos.place(place.accuracy_m) : t.sos.noPlace}</p>
      <Field
        label={t.sos.message}
        value={message}
        maxLength={500}
        onChange={(event) => setMessage(event.target.value)}
      />
    </>
  );
}

function Open({ sos }: { sos: OpenSos }) {
  const t = useText();
  const { isReached } = useSyncState();
  const isSent = useIsSent(sos.id);
  const cancel = async () => {
    await record('sos_cancelled', { sos_id: sos.id });
    await forgetOwn('sos');
    tell(t.sos.cancelled);
  };
  return (
    <>
      <p className="note" role="alert">
        <span className="value">{stateText(t, isSent, sos)}</span>
      </p>
      {!isSent && isReached === false && <p className="value">{t.sos.noSignal}</p>}
      <Button isLarge onClick={() => void cancel()}>
        {t.sos.cancel}
      </Button>
    </>
  );
}

function stateText(t: ReturnType<typeof useText>, isSent: boolean, sos: OpenSos): string {
  if (sos.state === 'closed') return t.sos.closed;
  if (sos.by) return t.sos.acknowledged(sos.by, shortTime(sos.at ?? 0));
  return isSent ? t.sos.sent : t.sos.recorded;
}

function Numbers() {
  const t = useText();
  const known = useBundle();
  return (
    <>
      {known?.bundle.sites
        .flatMap((site) => site.emergency)
        .map((one) => (
          <a key={one.number} className="pressable" href={`tel:${one.number}`}>
            <span className="value">
              {t.sos.call((language() === 'zh' ? one.name_zh : one.name_en) ?? '')}
            </span>
            {one.number}
          </a>
        ))}
    </>
  );
}
