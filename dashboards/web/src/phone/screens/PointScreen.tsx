import { useState } from 'react';
import { Button } from '@/ui/Button';
import { tell } from '@/ui/toasts';
import type { Bundle, Checkpoint } from '../api';
import { FormFields } from '../parts/FormFields';
import { Recheck } from '../parts/Recheck';
import { VerdictBox } from '../parts/Verdict';
import { Where } from '../parts/Where';
import { answersOf, asked, problemOf, type Values } from '../rounds/form';
import { isRefused } from '../rounds/progress';
import { useDraft } from '../rounds/useDraft';
import { follow, go } from '../route';
import type { LoggedEvent } from '../store/db';
import { findPoint, useBundle, useEvents, useNow } from '../store/hooks';
import { record } from '../store/log';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { countdown } from '../text/when';

interface Props {
  roundId: number | null;
  pointId: number | null;
  scanId: string | null;
}

/** What is to be done at a point that was just scanned. */
export function PointScreen({ roundId, pointId, scanId }: Props) {
  const t = useText();
  const kept = useBundle();
  const scan = useEvents().find((one) => one.id === scanId);
  if (kept === undefined) return <p aria-busy="true" />;
  const point = kept && findPoint(kept.bundle, pointId);
  if (!kept || !point || roundId === null) return <p className="note">{t.round.notFound}</p>;
  const again = (
    <Button isLarge onClick={() => go(`/scan/${roundId}/${point.id}`)}>
      {t.scanned.again}
    </Button>
  );
  return (
    <>
      <h1>{say(point.name)}</h1>
      <p className="quiet">{point.space.map(say).join(' · ')}</p>
      {scan ? <VerdictBox event={scan} /> : <p className="note">{t.point.scanFirst}</p>}
      {(!scan || isRefused(scan)) && (
        <>
          {scan && <p>{t.scanned.wayOn}</p>}
          {again}
          {scan && (
            <Button isLarge onClick={() => go(`/scan/${roundId}/${point.id}/photo`)}>
              {t.scan.damaged}
            </Button>
          )}
        </>
      )}
      {scan && !isRefused(scan) && <Task point={point} roundId={roundId} scan={scan} bundle={kept.bundle} />}
    </>
  );
}

interface TaskProps {
  point: Checkpoint;
  roundId: number;
  scan: LoggedEvent;
  bundle: Bundle;
}

function Task({ point, roundId, scan, bundle }: TaskProps) {
  const t = useText();
  const [values, setValues, forgetDraft] = useDraft(`${roundId}/${point.id}`);
  const [isTried, setTried] = useState(false);
  const items = point.form?.items ?? [];
  const missing = asked(items, values).filter((item) => problemOf(item, values));
  const done = async () => {
    setTried(true);
    if (missing.length) return;
    const here = window.location.pathname;
    if (point.form) await recordAnswers(roundId, point, scan, values);
    await forgetDraft();
    tell(t.point.saved);
    // unless the person has gone elsewhere meanwhile
    if (window.location.pathname === here) go(`/round/${roundId}`);
  };
  return (
    <>
      {say(point.instructions) && (
        <section className="card">
          <h2>{t.point.what}</h2>
          <p style={{ whiteSpace: 'pre-line' }}>{say(point.instructions)}</p>
        </section>
      )}
      <Recheck bundle={bundle} checkpointId={point.id} />
      <FormFields
        items={items}
        values={values}
        onChange={setValues}
        mark={say(point.name)}
        isTried={isTried}
      />
      {isTried && missing.length > 0 && (
        <p role="alert" className="note">
          {t.point.missing} {missing.map((item) => say(item.name)).join(', ')}
        </p>
      )}
      <Leave point={point} scan={scan} onDone={() => void done()} />
      <a {...follow(`/finding/${roundId}/${point.id}`)} className="pressable">
        {t.point.reportFinding}
      </a>
      <Where checkpoint={point} bundle={bundle} />
    </>
  );
}

function recordAnswers(roundId: number, point: Checkpoint, scan: LoggedEvent, values: Values) {
  if (!point.form) return Promise.resolve();
  return record('answers', {
    round_id: roundId,
    checkpoint_id: point.id,
    scan_id: scan.id,
    form_id: point.form.id,
    form_version: point.form.version,
    answers: answersOf(point.form.items, values),
  });
}

/** Where one has to stay for a while, the time left is shown; leaving earlier is possible, and seen. */
function Leave({ point, scan, onDone }: { point: Checkpoint; scan: LoggedEvent; onDone: () => void }) {
  const t = useText();
  const now = useNow(1000);
  const left = scan.event.wall_ms + point.dwell_s * 1000 - now;
  const hasToStay = point.dwell_s > 0 && left > 0 && left <= point.dwell_s * 1000;
  return (
    <>
      {hasToStay && <p className="note">{t.point.stay(countdown(left))}</p>}
      <Button look={hasToStay ? 'plain' : 'primary'} isLarge onClick={onDone}>
        {hasToStay ? t.point.early : t.point.doneNext}
      </Button>
    </>
  );
}
