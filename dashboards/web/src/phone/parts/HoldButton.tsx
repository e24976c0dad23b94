import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import styles from './HoldButton.module.css';

const HOLD_MS = 2000;

interface Props {
  word: string;
  holding: string;
  onHeld: () => void;
}

/** A button that a pocket does not press: held for two seconds, by finger or by key. */
export function HoldButton({ word, holding, onHeld }: Props) {
  const [isHeld, setHeld] = useState(false);
  const held = useRef(onHeld);
  held.current = onHeld;
  useEffect(() => {
    if (!isHeld) return;
    const timer = setTimeout(() => {
      setHeld(false);
      held.current();
    }, HOLD_MS);
    return () => clearTimeout(timer);
  }, [isHeld]);
  const isKey = (event: KeyboardEvent) => event.key === ' ' || event.key === 'Enter';
  return (
    <button
      type="button"
      className={styles.hold}
      data-held={isHeld}
      onPointerDown={() => setHeld(true)}
      onPointerUp={() => setHeld(false)}
      onPointerLeave={() => setHeld(false)}
      onPointerCancel={() => setHeld(false)}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => isKey(event) && !event.repeat && setHeld(true)}
      onKeyUp={(event) => isKey(event) && setHeld(false)}
    >
      <span>SOS</span>
      {isHeld ? holding : word}
    </button>
  );
}
