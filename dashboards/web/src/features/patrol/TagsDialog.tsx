import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { type Checkpoint, type TagKind, usePatrolWrite } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Patrol.module.css';

const KINDS = ['qr', 'nfc', 'ntag424'] as const;
const REASON_LENGTH = 500;

/** What marks a checkpoint: issue a tag, withdraw one. Keys of chips are never shown. */
export function TagsDialog({ checkpoint, onClose }: { checkpoint: Checkpoint; onClose: () => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <Dialog title={t('patrol.tag.of', { name: label(checkpoint.name) })} look="drawer" onClose={onClose}>
      <div className={layout.form}>
        {checkpoint.tags.length === 0 && <p className="quiet">{t('patrol.tag.none')}</p>}
        <ul className={styles.lines}>
          {checkpoint.tags.map((tag) => (
            <TagLine key={tag.id} tag={tag} />
          ))}
        </ul>
        <IssueForm checkpoint={checkpoint} />
      </div>
    </Dialog>
  );
}

function TagLine({ tag }: { tag: Checkpoint['tags'][number] }) {
  const { t } = useTranslation();
  const { short } = useFormat();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <li>
      <div className={styles.across}>
        <strong>
          {t(`patrol.tag.kindOf.${tag.kind}`)} · {tag.code}
        </strong>
        {tag.revoked_at === null && !isAsking && (
          <Button onClick={() => setIsAsking(true)}>{t('patrol.tag.revoke')}</Button>
        )}
      </div>
      <span className="quiet small">
        {tag.revoked_at
          ? t('patrol.tag.revoked', { time: short(tag.revoked_at), reason: tag.revoked_reason })
          : t('patrol.tag.inUse')}
        {tag.uid && ` · ${tag.uid} · ${t('patrol.tag.counter', { count: tag.last_counter })}`}
      </span>
      {isAsking && tag.revoked_at === null && <RevokeForm tag={tag.id} onCancel={() => setIsAsking(false)} />}
    </li>
  );
}

function RevokeForm({ tag, onCancel }: { tag: number; onCancel: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [reason, setReason] = useState('');
  const revoke = usePatrolWrite(() =>
    ask(
      api.POST('/api/v1/patrol/tags/{row_id}/revoke', {
        params: { path: { row_id: tag } },
        body: { reason },
      }),
    ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    revoke.mutate(undefined);
  };
  return (
    <form className={styles.asking} onSubmit={submit}>
      <p>{t('patrol.tag.revokeMeans')}</p>
      <Field
        label={t('patrol.tag.revokeWhy')}
        required
        autoFocus
        maxLength={REASON_LENGTH}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
      {revoke.error && <p role="alert">{text(revoke.error)}</p>}
      <div className={layout.tools}>
        <Button type="submit" look="danger" isBusy={revoke.isPending}>
          {t('patrol.tag.revoke')}
        </Button>
        <Button onClick={onCancel}>{t('patrol.act.cancel')}</Button>
      </div>
    </form>
  );
}

function IssueForm({ checkpoint }: { checkpoint: Checkpoint }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [kind, setKind] = useState<TagKind>(checkpoint.least_tag);
  const [uid, setUid] = useState('');
  const issue = usePatrolWrite(() =>
    ask(
      api.POST('/api/v1/patrol/tags', {
        body: {
          checkpoint_id: checkpoint.id,
          kind,
          uid: kind === 'ntag424' ? uid.trim() : null,
          mac_covers: 'nothing',
        },
      }),
    ),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    issue.mutate(undefined, { onSuccess: () => setUid('') });
  };
  return (
    <form className={styles.asking} onSubmit={submit}>
      <Choice<TagKind>
        label={t('patrol.tag.kind')}
        hint={t(`patrol.tag.worth.${kind}`)}
        value={kind}
        options={KINDS.map((value) => ({ value, label: t(`patrol.tag.kindOf.${value}`) }))}
        onPick={setKind}
      />
      {kind === 'ntag424' && (
        <Field
          label={t('patrol.tag.uid')}
          required
          pattern="[0-9A-Fa-f]{14}"
          value={uid}
          onChange={(event) => setUid(event.target.value)}
        />
      )}
      {issue.error && <p role="alert">{text(issue.error)}</p>}
      <Button type="submit" look="primary" isBusy={issue.isPending}>
        {t('patrol.tag.issue')}
      </Button>
    </form>
  );
}
