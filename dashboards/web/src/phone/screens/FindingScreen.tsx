import { useState } from 'react';
import { Button } from '@/ui/Button';
import { Choice, Field, TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { PhotoField } from '../parts/PhotoField';
import { Pick } from '../parts/Pick';
import type { Severity } from '../parts/SeverityWord';
import { useDraft } from '../rounds/useDraft';
import { go } from '../route';
import { findPoint, useBundle } from '../store/hooks';
import { record } from '../store/log';
import { say } from '../text/language';
import { useText } from '../text/phrases';

const SEVERITIES: Severity[] = ['low', 'medium', 'high', 'critical'];

/** A defect: photo, a word, how bad; it becomes a ticket unless the person says no. */
export function FindingScreen({ roundId, pointId }: { roundId: number | null; pointId: number | null }) {
  const t = useText();
  const kept = useBundle();
  const [draft, setDraft, forgetDraft] = useDraft(`finding/${roundId ?? ''}/${pointId ?? ''}`);
  const [isTried, setTried] = useState(false);
  const text = (key: string, otherwise: string) =>
    typeof draft[key] === 'string' ? (draft[key] as string) : otherwise;
  const photoIds = Array.isArray(draft.photos) ? draft.photos : [];
  const point = kept ? findPoint(kept.bundle, Number(text('point', String(pointId ?? ''))) || null) : null;
  // a ticket is about a piece of equipment; elsewhere the control room decides what becomes of it
  const canTicket = point?.asset_id != null;
  const wantsTicket = canTicket && text('ticket', 'yes') === 'yes';
  const set = (key: string, value: string | string[]) => setDraft({ ...draft, [key]: value });
  const report = async () => {
    setTried(true);
    const said = text('text', '').trim();
    if (!said && !photoIds.length) return;
    await record('finding', {
      id: crypto.randomUUID(),
      round_id: roundId,
      checkpoint_id: point?.id ?? null,
      asset_id: point?.asset_id ?? null,
      text: said || t.finding.seePhoto,
      severity: text('severity', 'medium'),
      photo_ids: photoIds,
      ticket: wantsTicket,
      owner_id: null,
      deadline: Date.parse(text('deadline', '')) || null,
      standard: text('standard', '').trim() || null,
    });
    await forgetDraft();
    tell(t.finding.reported);
    if (window.history.length > 1) window.history.back();
    else go('/');
  };
  return (
    <>
      <h1>{t.finding.title}</h1>
      <PhotoField photoIds={photoIds} onChange={(ids) => set('photos', ids)} mark={say(point?.name)} />
      <TextArea
        label={t.finding.text}
        value={text('text', '')}
        maxLength={4000}
        onChange={(event) => set('text', event.target.value)}
      />
      <h2 id="finding-severity">{t.finding.severity}</h2>
      <Pick
        labelledBy="finding-severity"
        value={text('severity', 'medium')}
        onPick={(value) => set('severity', value)}
        options={SEVERITIES.map((one) => ({ value: one, label: t.severity[one] }))}
      />
      <Choice
        label={t.finding.where}
        value={String(point?.id ?? '')}
        onPick={(value) => set('point', value || '0')}
        options={[
          { value: '', label: t.finding.nowhere },
          ...(kept?.bundle.checkpoints ?? []).map((one) => ({ value: String(one.id), label: say(one.name) })),
        ]}
      />
      {canTicket ? (
        <label className="pressable">
          {t.finding.ticket}
          <input
            type="checkbox"
            className="tick"
            checked={wantsTicket}
            onChange={(event) => set('ticket', event.target.checked ? 'yes' : 'no')}
          />
        </label>
      ) : (
        <p className="quiet">{t.finding.noTicket}</p>
      )}
      <details>
        <summary>{t.finding.more}</summary>
        <div className="stack">
          <Field
            label={t.finding.standard}
            value={text('standard', '')}
            maxLength={2000}
            onChange={(event) => set('standard', event.target.value)}
          />
          <Field
            label={t.finding.deadline}
            type="datetime-local"
            value={text('deadline', '')}
            onChange={(event) => set('deadline', event.target.value)}
          />
        </div>
      </details>
      {isTried && !text('text', '').trim() && !photoIds.length && <p role="alert">{t.finding.needs}</p>}
      <Button look="primary" isLarge onClick={() => void report()}>
        {t.finding.report}
      </Button>
    </>
  );
}
