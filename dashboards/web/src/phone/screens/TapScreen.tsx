import { useEffect, useRef } from 'react';
import { recordTaps } from '../rounds/actions';
import { go } from '../route';
import { useText } from '../text/phrases';

/** A tag's address was opened: its kept tap becomes a scan, now that it is known whose. */
export function TapScreen() {
  const t = useText();
  const isStarted = useRef(false);
  useEffect(() => {
    if (isStarted.current) return;
    isStarted.current = true;
    void recordTaps().then((scan) => go(scan ? `/scanned/${scan.id}` : '/', 'replace'));
  }, []);
  return <p role="status">{t.tap.recording}</p>;
}
