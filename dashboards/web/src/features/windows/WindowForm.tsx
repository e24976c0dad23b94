import dayjs from 'dayjs';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAssets, useProfiles, useSpaces } from '@/nouns/assets/queries';
import { usePeople } from '@/nouns/people/queries';
import { useSession } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Choice, Field, TextArea } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { tell } from '@/ui/toasts';
import { useOpenWindow } from './queries';
import { INPUT } from './WindowDialogs';
import styles from './WindowsPage.module.css';

/** Where, what, why and until when. The end is never left out. */
export function WindowForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { zone } = useFormat();
  const failure = useFailureText();
  const open = useOpenWindow();
  const [node, setNode] = useState('');
  const [picked, setPicked] = useState<string[]>([]);
  const [hasLives, setLives] = useState(false);
  const [reason, setReason] = useState('');
  const [owner, setOwner] = useState(String(useSession().user.id));
  const [starts, setStarts] = useState('');
  const [ends, setEnds] = useState(dayjs().add(2, 'hour').tz(zone).format(INPUT));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const [kind, id] = node.split(':');
    const instant = (text: string) => dayjs.tz(text, zone).toISOString();
    const where = kind === 'space' ? { space_id: Number(id) } : { asset_id: Number(id) };
    await open
      .mutateAsync({
        ...where,
        disciplines: picked,
        life_safety: hasLives,
        reason: reason.trim(),
        owner_id: Number(owner),
        ends_at: instant(ends),
        ...(starts && { starts_at: instant(starts) }),
      })
      .then(() => {
        tell(t('window.opened'));
        onClose();
      })
      .catch(() => undefined);
  };
  return (
    <Dialog title={t('window.new')} onClose={onClose}>
      <form onSubmit={submit} className={layout.form}>
        <p>{t('window.means')}</p>
        <NodeChoice value={node} onPick={setNode} />
        <Disciplines picked={picked} onPick={setPicked} />
        <TextArea
          label={t('alarm.reason')}
          value={reason}
          required
          minLength={2}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
        />
        <OwnerChoice value={owner} onPick={setOwner} />
        <Field
          label={t('window.begins')}
          hint={t('window.beginsHint')}
          type="datetime-local"
          value={starts}
          onChange={(event) => setStarts(event.target.value)}
        />
        <Field
          label={t('window.ends')}
          hint={t('window.zone', { zone })}
          type="datetime-local"
          required
          value={ends}
          onChange={(event) => setEnds(event.target.value)}
        />
        <label>
          <input type="checkbox" checked={hasLives} onChange={(event) => setLives(event.target.checked)} />{' '}
          {t('window.confirmLives')}
        </label>
        {open.error && <p role="alert">{failure(open.error)}</p>}
        <Button type="submit" look="primary" isLarge isBusy={open.isPending} disabled={!node}>
          {t('window.open')}
        </Button>
      </form>
    </Dialog>
  );
}

/** Who answers for it while it lasts; usually whoever opens it. */
function OwnerChoice({ value, onPick }: { value: string; onPick: (id: string) => void }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const people = usePeople().data ?? [user];
  return (
    <Choice
      label={t('window.owner')}
      hint={t('window.ownerHint')}
      value={value}
      options={people.map((one) => ({ value: String(one.id), label: one.display_name }))}
      onPick={onPick}
    />
  );
}

/** Spaces by their place in the tree, then machines. */
function NodeChoice({ value, onPick }: { value: string; onPick: (node: string) => void }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const spaces = useSpaces().data ?? [];
  const assets = useAssets({ limit: 1000, offset: 0 }).data?.items ?? [];
  const known = new Map(spaces.map((space) => [space.id, space]));
  const path = (id: number | null): string => {
    const space = id === null ? undefined : known.get(id);
    if (!space) return '';
    const above = path(space.parent_id);
    return above ? `${above} / ${label(space.name)}` : label(space.name);
  };
  const options = [
    { value: '', label: t('window.choose') },
    ...spaces.map((space) => ({ value: `space:${space.id}`, label: path(space.id) })),
    ...assets.map((asset) => ({ value: `asset:${asset.id}`, label: `${label(asset.name)} (${asset.key})` })),
  ];
  return <Choice label={t('window.where')} value={value} options={options} onPick={onPick} />;
}

function Disciplines({ picked, onPick }: { picked: string[]; onPick: (picked: string[]) => void }) {
  const { t } = useTranslation();
  const known = [...new Set((useProfiles().data ?? []).map((profile) => profile.discipline))].sort();
  return (
    <fieldset className={styles.checks}>
      <legend>{t('window.disciplines')}</legend>
      {known.map((one) => (
        <label key={one}>
          <input
            type="checkbox"
            checked={picked.includes(one)}
            onChange={(event) =>
              onPick(event.target.checked ? [...picked, one] : picked.filter((other) => other !== one))
            }
          />
          {t(`window.discipline.${one}`, { defaultValue: one })}
        </label>
      ))}
    </fieldset>
  );
}
