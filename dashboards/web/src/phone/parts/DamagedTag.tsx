import { useState } from 'react';
import { Button } from '@/ui/Button';
import { Choice, Field } from '@/ui/Field';
import { placeNow } from '../device/place';
import { recordScan } from '../rounds/actions';
import { go } from '../route';
import { findPoint, findRound, useBundle } from '../store/hooks';
import { say } from '../text/language';
import { useText } from '../text/phrases';
import { PhotoField } from './PhotoField';

interface Props {
  roundId: number | null;
  pointId: number | null;
  onBack: () => void;
}

/** Photo, place and a reason instead of the tag: recorded, and marked weak by the server. */
export function DamagedTag({ roundId, pointId, onBack }: Props) {
  const t = useText();
  const kept = useBundle();
  const legs = kept ? (findRound(kept.bundle, roundId)?.legs ?? []) : [];
  const points = kept
    ? kept.bundle.checkpoints.filter(
        (one) => !legs.length || legs.some((leg) => leg.checkpoint_id === one.id),
      )
    : [];
  const [chosen, setChosen] = useState(String(pointId ?? ''));
  const [photoIds, setPhotoIds] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const point = kept ? findPoint(kept.bundle, Number(chosen) || null) : null;
  const record = async () => {
    if (!point) return;
    const scan = await recordScan({ roundId, pointId: point.id, how: 'photo', text: '', reason, photoIds });
    go(roundId ? `/point/${roundId}/${point.id}/${scan.id}` : `/scanned/${scan.id}`, 'replace');
  };
  return (
    <>
      <h1>{t.scan.damagedTitle}</h1>
      <p>{t.scan.damagedWhat}</p>
      <Choice
        label={t.scan.which}
        value={chosen}
        onPick={setChosen}
        options={[
          { value: '', label: '–' },
          ...points.map((one) => ({ value: String(one.id), label: say(one.name) })),
        ]}
      />
      <PhotoField photoIds={photoIds} onChange={setPhotoIds} mark={say(point?.name)} />
      <div className="row">
        {t.scan.reasons.map((one) => (
          <Button key={one} isLarge aria-pressed={reason === one} onClick={() => setReason(one)}>
            {one}
          </Button>
        ))}
      </div>
      <Field
        label={t.scan.reason}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      <p className="quiet">{placeNow() ? t.scan.placeKnown : t.scan.placeUnknown}</p>
      {!photoIds.length && <p role="status">{t.scan.photoFirst}</p>}
      <Button
        look="primary"
        isLarge
        disabled={!photoIds.length || !reason.trim() || !point}
        onClick={() => void record()}
      >
        {t.scan.record}
      </Button>
      <Button look="quiet" isLarge onClick={onBack}>
        {t.scanned.again}
      </Button>
    </>
  );
}
