import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useProfile } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice, Field } from '@/ui/Field';
import { NameFields } from '@/ui/NameFields';
import styles from './Inbox.module.css';
import type { UnknownDevice, UnknownSource } from './queries';
import { asGuessed, asPoint, type SourceEdit, type SourceEdits } from './sourceEdits';

const KINDS = ['analog', 'state', 'flags', 'counter'] as const;

interface SourcesProps {
  device: UnknownDevice;
  /** Type of the equipment they go to; empty: not chosen yet. */
  profile: string;
  left: ReadonlySet<string>;
  edits: SourceEdits;
  onLeave: (left: ReadonlySet<string>) => void;
  onEdit: (edits: SourceEdits) => void;
}

/** What is taken in, as what; each as guessed until somebody knows better. */
export function Sources({ device, profile, left, edits, onLeave, onEdit }: SourcesProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const toggle = (source: string) => {
    const next = new Set(left);
    if (!next.delete(source)) next.add(source);
    onLeave(next);
  };
  const edit = (source: string, value: SourceEdit | undefined) => {
    const next = new Map(edits);
    if (value) next.set(source, value);
    else next.delete(source);
    onEdit(next);
  };
  return (
    <fieldset className={styles.list}>
      <legend>{t('onboarding.points')}</legend>
      {device.sources.map((source) => {
        const known = edits.get(source.source);
        const shown = known ?? asGuessed(source);
        return (
          <div key={source.source}>
            <div className={styles.taken}>
              <label>
                <input
                  type="checkbox"
                  checked={!left.has(source.source)}
                  onChange={() => toggle(source.source)}
                />
                <span>
                  {source.source} <span className="quiet">→ {label(shown)}</span> {shown.unit}
                </span>
              </label>
              <Button
                look="quiet"
                aria-label={t(known ? 'onboarding.asGuessedOf' : 'onboarding.changeOf', {
                  source: source.source,
                })}
                onClick={() => edit(source.source, known ? undefined : asGuessed(source))}
              >
                {t(known ? 'onboarding.asGuessed' : 'onboarding.change')}
              </Button>
            </div>
            {known && (
              <SourceFields
                source={source}
                profile={profile}
                edit={known}
                onEdit={(next) => edit(source.source, next)}
              />
            )}
          </div>
        );
      })}
    </fieldset>
  );
}

interface FieldsProps {
  source: UnknownSource;
  profile: string;
  edit: SourceEdit;
  onEdit: (edit: SourceEdit) => void;
}

function SourceFields({ source, profile, edit, onEdit }: FieldsProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const points = useProfile(profile).data?.points ?? [];
  const listId = useId();
  const ofType = points.find((point) => point.key === edit.key);
  const set = (part: Partial<SourceEdit>) => onEdit({ ...edit, ...part });
  const setKey = (key: string) => {
    const point = points.find((known) => known.key === key);
    onEdit(point ? asPoint(edit, point) : { ...edit, key });
  };
  const text = (field: 'key' | 'en' | 'zh' | 'quantity' | 'unit' | 'interval' | 'scale') => ({
    value: edit[field],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => set({ [field]: event.target.value }),
  });
  return (
    <div className={styles.fields}>
      <Field
        label={t('onboarding.pointKey')}
        hint={t(ofType ? 'onboarding.keyOfType' : 'onboarding.keyHint')}
        required
        pattern="[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}"
        autoCapitalize="none"
        list={listId}
        value={edit.key}
        onChange={(event) => setKey(event.target.value)}
      />
      <datalist id={listId}>
        {points.map((point) => (
          <option key={point.key} value={point.key}>
            {label(point.name)}
          </option>
        ))}
      </datalist>
      <Choice
        label={t('onboarding.pointKind')}
        value={edit.kind}
        options={KINDS.filter((kind) => !ofType || kind === ofType.kind).map((kind) => ({
          value: kind,
          label: t(`onboarding.kind.${kind}`),
        }))}
        onPick={(kind) => set({ kind })}
      />
      <NameFields name={{ zh: edit.zh, en: edit.en }} maxLength={200} onChange={set} />
      <Field label={t('onboarding.quantity')} required maxLength={40} {...text('quantity')} />
      <Field label={t('onboarding.unit')} maxLength={24} {...text('unit')} />
      <Field
        label={t('onboarding.scale')}
        hint={t('onboarding.scaleHint', { value: exampleOf(source, edit.scale), unit: edit.unit })}
        required
        type="number"
        step="any"
        {...text('scale')}
      />
      <Field
        label={t('onboarding.interval')}
        required
        type="number"
        step="any"
        min={0.1}
        max={2_678_400}
        {...text('interval')}
      />
    </div>
  );
}

/** What the newest value would be stored as: the quickest way to see a wrong factor. */
function exampleOf(source: UnknownSource, scale: string): string {
  const last = source.recent.at(-1)?.[1];
  if (typeof last !== 'number' || !Number.isFinite(Number(scale))) return '—';
  return `${last} → ${Number((last * Number(scale)).toPrecision(6))}`;
}
