import { Button } from '@/ui/Button';
import { TextArea } from '@/ui/Field';
import { tell } from '@/ui/toasts';
import { PhotoField } from '../parts/PhotoField';
import { SharedPhotos } from '../parts/SharedPhotos';
import { useDraft } from '../rounds/useDraft';
import { useStored } from '../store/db';
import { useBundle } from '../store/hooks';
import { own } from '../store/kept';
import { record } from '../store/log';
import { useText } from '../text/phrases';
import { shortTime } from '../text/when';

/** What the shift before left to be known, and what the next one should know. */
export function HandoverScreen() {
  const t = useText();
  const bundle = useBundle()?.bundle;
  const notes = bundle?.handover ?? [];
  const active = useStored(() => own('active_round').then((one) => one ?? null), []);
  const site = bundle?.rounds.find((one) => one.id === active?.id)?.site_id ?? bundle?.sites[0]?.id ?? null;
  const [draft, setDraft, forgetDraft] = useDraft('handover');
  const text = typeof draft.text === 'string' ? draft.text : '';
  const photoIds = Array.isArray(draft.photos) ? draft.photos : [];
  const keep = async () => {
    await record('handover', { site_id: site, text: text.trim(), photo_ids: photoIds });
    await forgetDraft();
    setDraft({});
    tell(t.handover.kept);
  };
  return (
    <>
      <h1>{t.handover.title}</h1>
      <section className="stack">
        <h2>{t.handover.read}</h2>
        {notes.length === 0 && <p className="quiet">{t.handover.none}</p>}
        {notes.map((note) => (
          <article key={note.id} className="note">
            <p style={{ whiteSpace: 'pre-line' }}>{note.text}</p>
            <SharedPhotos ids={note.photo_ids} />
            <p className="quiet">
              {note.by} · {shortTime(note.at)}
            </p>
          </article>
        ))}
      </section>
      <TextArea
        label={t.handover.write}
        value={text}
        maxLength={4000}
        onChange={(event) => setDraft({ ...draft, text: event.target.value })}
      />
      <PhotoField photoIds={photoIds} onChange={(ids) => setDraft({ ...draft, photos: ids })} mark="" />
      <Button look="primary" isLarge disabled={!text.trim()} onClick={() => void keep()}>
        {t.handover.keep}
      </Button>
    </>
  );
}
