import { type PointerEvent, useRef, useState } from 'react';
import { Button } from '@/ui/Button';
import { tell } from '@/ui/toasts';
import { keepPhoto } from '../device/photos';
import { useText } from '../text/phrases';
import styles from './SignPad.module.css';

interface Props {
  label: string;
  /** The id of the kept picture; null when nothing was drawn. */
  onSigned: (photoId: string | null) => void;
  isRequired?: boolean;
}

const [WIDTH, HEIGHT] = [640, 240];

/** A signature by finger; without one the button works all the same, unless it is required. */
export function SignPad({ label, onSigned, isRequired }: Props) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    const pen = canvas.current?.getContext('2d');
    if (!pen || !event.buttons) return;
    const box = event.currentTarget.getBoundingClientRect();
    const at = [
      ((event.clientX - box.left) / box.width) * WIDTH,
      ((event.clientY - box.top) / box.height) * HEIGHT,
    ] as const;
    if (event.type === 'pointerdown') {
      event.currentTarget.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at);
    } else {
      pen.lineWidth = 4;
      pen.lineCap = 'round';
      pen.strokeStyle = '#111';
      pen.lineTo(...at);
      pen.stroke();
      setDrawn(true);
    }
  };
  const clear = () => {
    canvas.current?.getContext('2d')?.clearRect(0, 0, WIDTH, HEIGHT);
    setDrawn(false);
  };
  const done = async () => {
    setBusy(true);
    try {
      onSigned(isDrawn && canvas.current ? await keepPhoto(await onWhite(canvas.current), '') : null);
    } catch {
      tell(t.failure.notKept);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <p id="sign-hint">{t.round.sign}</p>
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        className={styles.pad}
        aria-labelledby="sign-hint"
        role="img"
        onPointerDown={draw}
        onPointerMove={draw}
      />
      <div className="row">
        <Button isLarge onClick={clear} disabled={!isDrawn}>
          {t.round.clear}
        </Button>
        <Button
          look="primary"
          isLarge
          onClick={() => void done()}
          isBusy={isBusy}
          disabled={isRequired && !isDrawn}
        >
          {label}
        </Button>
      </div>
    </div>
  );
}

function onWhite(drawn: HTMLCanvasElement): Promise<Blob> {
  const sheet = document.createElement('canvas');
  [sheet.width, sheet.height] = [WIDTH, HEIGHT];
  const pen = sheet.getContext('2d');
  if (pen) {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.drawImage(drawn, 0, 0);
  }
  return new Promise((resolve, reject) => {
    sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png');
  });
}
