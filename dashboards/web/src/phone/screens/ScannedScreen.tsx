import { Button } from '@/ui/Button';
import { VerdictBox } from '../parts/Verdict';
import { codeOf, pointOfText } from '../rounds/tags';
import { go } from '../route';
import { findPoint, useBundle, useEvents } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';

/** A scan without a known place to go on: what the server says of it, and the ways on. */
export function ScannedScreen({ scanId }: { scanId: string }) {
  const t = useText();
  const kept = useBundle();
  const scan = useEvents().find((one) => one.id === scanId);
  if (!scan) return <p className="note">{t.scanned.unknown}</p>;
  const { round_id, text, how } = scan.event.payload;
  const pointId = scan.event.payload.checkpoint_id;
  const known = kept ? findPoint(kept.bundle, typeof pointId === 'number' ? pointId : null) : null;
  const point = known ?? pointOfText(kept?.bundle, String(text));
  const isRefused = scan.verdict?.status === 'refused' || scan.verdict?.strength === 'refused';
  const isTag = how === 'photo' || codeOf(String(text)) !== null;
  const path = typeof round_id === 'number' ? `/${round_id}` : '';
  return (
    <>
      <h1>{point ? say(point.name) : t.scanned.title}</h1>
      {!isTag && <p role="alert">{t.scanned.notOurs}</p>}
      <VerdictBox event={scan} />
      {(isRefused || !isTag) && <p>{t.scanned.wayOn}</p>}
      {point && !isRefused && path && (
        <Button look="primary" isLarge onClick={() => go(`/point${path}/${point.id}/${scan.id}`)}>
          {t.scanned.toPoint}
        </Button>
      )}
      {(isRefused || !isTag) && (
        <Button isLarge onClick={() => go(`/scan${path || '/-'}/${point?.id ?? '-'}/photo`)}>
          {t.scan.damaged}
        </Button>
      )}
      <div className="row">
        <Button isLarge onClick={() => go(`/scan${path}`)}>
          {t.scanned.again}
        </Button>
        <Button isLarge onClick={() => go(path ? `/round${path}` : '/')}>
          {t.scanned.toRound}
        </Button>
      </div>
    </>
  );
}
