import { useEffect, useRef, useState } from 'react';
import { Button } from '@/ui/Button';
import { hasNfc, readNfc } from '../device/nfc';
import { allowSound, chirp } from '../device/sound';
import { useCamera } from '../device/useCamera';
import { DamagedTag } from '../parts/DamagedTag';
import { recordScan } from '../rounds/actions';
import { codeOf, pointOfText } from '../rounds/tags';
import { go } from '../route';
import { findPoint, useBundle } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import styles from './ScanScreen.module.css';

interface Props {
  roundId: number | null;
  /** The point that is expected; null: whatever is scanned. */
  pointId: number | null;
  /** Begin with the way out: photo and reason instead of the tag. */
  isByPhoto?: boolean;
}

/** Camera, NFC, and the way out when neither works. The first code that is found is recorded and ends it. */
export function ScanScreen({ roundId, pointId, isByPhoto = false }: Props) {
  const t = useText();
  const kept = useBundle();
  const [isDamaged, setDamaged] = useState(isByPhoto);
  const [hasFailed, setFailed] = useState(false);
  const isDone = useRef(false);
  const point = kept ? findPoint(kept.bundle, pointId) : null;
  const take = async (text: string, how: 'camera' | 'nfc') => {
    if (isDone.current) return;
    isDone.current = true;
    chirp();
    const known = pointOfText(kept?.bundle, text);
    // A tag this phone does not know may be new: then it is taken for the expected one until the server says.
    const taken = known?.id ?? (codeOf(text) ? pointId : null);
    const scan = await recordScan({ roundId, pointId: taken, how, text }).catch(() => null);
    if (!scan) return setFailed(true);
    const isHere = known !== null && roundId !== null;
    go(isHere ? `/point/${roundId}/${known.id}/${scan.id}` : `/scanned/${scan.id}`, 'replace');
  };
  if (hasFailed)
    return (
      <p className="note" role="alert">
        {t.failure.notKept}
      </p>
    );
  if (isDamaged) return <DamagedTag roundId={roundId} pointId={pointId} onBack={() => setDamaged(false)} />;
  return (
    <>
      <h1>{point ? t.scan.expecting(say(point.name)) : t.scan.title}</h1>
      <Camera onFound={(text) => void take(text, 'camera')} />
      <div className="row">
        <Nfc onFound={(text) => void take(text, 'nfc')} />
        <Button isLarge onClick={() => setDamaged(true)}>
          {t.scan.damaged}
        </Button>
      </div>
    </>
  );
}

function Camera({ onFound }: { onFound: (text: string) => void }) {
  const t = useText();
  const { video, state, torch } = useCamera(onFound);
  useEffect(allowSound, []);
  if (state === 'refused')
    return (
      <div className="note" role="alert">
        <p className="value">{t.scan.noCamera}</p>
        <p>{t.scan.noCameraWhat}</p>
      </div>
    );
  return (
    <div className={styles.camera}>
      <video ref={video} playsInline muted aria-label={t.scan.title} />
      <div className={styles.frame} aria-hidden="true" />
      <p role="status">{state === 'starting' ? t.scan.starting : t.scan.aim}</p>
      {torch && (
        <Button isLarge className={styles.torch} aria-pressed={torch.isOn} onClick={torch.toggle}>
          {torch.isOn ? t.scan.torchOff : t.scan.torchOn}
        </Button>
      )}
    </div>
  );
}

function Nfc({ onFound }: { onFound: (text: string) => void }) {
  const t = useText();
  const [state, setState] = useState<'idle' | 'reading' | 'failed'>('idle');
  const end = useRef<AbortController>(undefined);
  useEffect(() => () => end.current?.abort(), []);
  if (!hasNfc()) return null;
  const start = () => {
    const control = new AbortController();
    end.current = control;
    setState('reading');
    readNfc(onFound, () => setState('failed'), control.signal).catch(() => setState('failed'));
  };
  return (
    <div className="stack">
      <Button isLarge onClick={start} isBusy={state === 'reading'}>
        {t.scan.nfc}
      </Button>
      {state !== 'idle' && <p role="status">{state === 'reading' ? t.scan.nfcHold : t.scan.nfcFailed}</p>}
    </div>
  );
}
