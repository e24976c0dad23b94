import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Checkpoint, useCheckpoints } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { CheckpointDialog } from './CheckpointDialog';
import styles from './Patrol.module.css';
import { TagsDialog } from './TagsDialog';

/** The checkpoints, grouped by where they are. */
export function CheckpointsTab() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const query = useCheckpoints();
  const [edited, setEdited] = useState<Checkpoint | 'new' | null>(null);
  const [tagged, setTagged] = useState<number | null>(null);
  const withTags = query.data?.items.find((one) => one.id === tagged);
  return (
    <>
      <div className={layout.tools}>
        <Button look="primary" onClick={() => setEdited('new')}>
          {t('patrol.edit.add')}
        </Button>
        <a href="/api/v1/patrol/labels.pdf">{t('patrol.tag.labels')}</a>
      </div>
      <Loaded
        query={query}
        lines={6}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.edit.noCheckpoints')}>{t('patrol.edit.noCheckpointsHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {[...byPlace(data.items, label)].map(([place, points]) => (
              <Panel key={place} title={place || t('patrol.edit.elsewhere')}>
                <ul className={styles.lines}>
                  {points.map((one) => (
                    <Line
                      key={one.id}
                      checkpoint={one}
                      onEdit={() => setEdited(one)}
                      onTags={() => setTagged(one.id)}
                    />
                  ))}
                </ul>
              </Panel>
            ))}
          </div>
        )}
      </Loaded>
      {edited && (
        <CheckpointDialog checkpoint={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />
      )}
      {withTags && <TagsDialog checkpoint={withTags} onClose={() => setTagged(null)} />}
    </>
  );
}

function byPlace(points: Checkpoint[], label: (name: Checkpoint['name']) => string) {
  const groups = new Map<string, Checkpoint[]>();
  for (const one of points) {
    const place = one.place
      .slice(one.place.length > 1 ? 1 : 0)
      .map(label)
      .join(' · ');
    groups.set(place, [...(groups.get(place) ?? []), one]);
  }
  return groups;
}

interface LineProps {
  checkpoint: Checkpoint;
  onEdit: () => void;
  onTags: () => void;
}

function Line({ checkpoint, onEdit, onTags }: LineProps) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const kinds = checkpoint.tags
    .filter((tag) => tag.revoked_at === null)
    .map((tag) => t(`patrol.tag.kindOf.${tag.kind}`));
  const name = label(checkpoint.name);
  return (
    <li>
      <div className={styles.across}>
        <strong>{name}</strong>
        <span className={layout.tools}>
          <Button onClick={onTags} aria-label={t('patrol.tag.of', { name })}>
            {t('patrol.tab.tags')}
          </Button>
          <Button onClick={onEdit} aria-label={`${t('action.edit')} ${name}`}>
            {t('action.edit')}
          </Button>
        </span>
      </div>
      <span className="quiet small">
        {[
          kinds.join(', ') || t('patrol.edit.noTag'),
          checkpoint.dwell_s > 0 && t('patrol.edit.stays', { time: duration(checkpoint.dwell_s * 1000) }),
          label(checkpoint.instructions),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </li>
  );
}
