import { useEffect, useRef } from 'react';
import { recordTaps } from '../rounds/actions';
import { go } from '../route';
import type { LoggedEvent } from '../store/db';
import { useText } from '../text/phrases';

/** To what is to be done at the point, where both it and its round are known. */
function after({ id, event }: LoggedEvent): string {
  const { round_id, checkpoint_id } = event.payload;
  return round_id && checkpoint_id ? `/point/${round_id}/${checkpoint_id}/${id}` : `/scanned/${id}`;
}

/** A tag's address was opened: its kept tap becomes a scan, now that it is known whose. */
export function TapScreen() {
  const t = useText();
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    void recordTaps().then((scan) => go(scan ? after(scan) : '/', 'replace'));
  }, []);
  return <p role="status">{t.tap.recording}</p>;
}
