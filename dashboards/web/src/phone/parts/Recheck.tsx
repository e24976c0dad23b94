import { Button } from '@/ui/Button';
import type { Bundle } from '../api';
import { useEvents } from '../store/hooks';
import { record } from '../store/log';
import { useText } from '../text/phrases';
import { SeverityWord } from './SeverityWord';
import { SharedPhotos } from './SharedPhotos';

/** Findings of an earlier round at this point: gone, or still there? */
export function Recheck({ bundle, checkpointId }: { bundle: Bundle; checkpointId: number }) {
  const t = useText();
  const events = useEvents();
  const isAnswered = (id: string) =>
    events.some((one) => one.kind === 'recheck' && one.event.payload.finding_id === id && !one.verdict);
  const open = bundle.findings.filter((one) => one.checkpoint_id === checkpointId && !isAnswered(one.id));
  if (!open.length) return null;
  const answer = (finding_id: string, fixed: boolean) =>
    void record('recheck', { finding_id, fixed, photo_ids: [] });
  return (
    <div className="stack">
      <h3>{t.round.recheck}</h3>
      {open.map((finding) => (
        <div key={finding.id} className="note stack">
          <p>
            <SeverityWord severity={finding.severity} /> {finding.text}
          </p>
          <SharedPhotos ids={finding.photo_ids} />
          <div className="row">
            <Button isLarge onClick={() => answer(finding.id, true)}>
              {t.round.fixed}
            </Button>
            <Button isLarge onClick={() => answer(finding.id, false)}>
              {t.round.stillThere}
            </Button>
          </div>
        </div>
      ))}
    </div>
  );
}
