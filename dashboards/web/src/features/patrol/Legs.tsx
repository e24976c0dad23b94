import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint, Leg, RoundDetail, Scan } from '@/nouns/patrol/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { LegMark } from './LegMark';
import { legState } from './marks';
import styles from './Patrol.module.css';
import { PhotoList } from './PhotoList';
import { useRoundVerb } from './useRoundVerb';
import { useCauseText } from './words';

interface Props {
  round: RoundDetail;
  places: Map<number, Checkpoint>;
}

/** Each checkpoint with when it was due, when it was visited, and how far that is proven and why. */
export function Legs({ round, places }: Props) {
  const { t } = useTranslation();
  return (
    <table className={`${styles.table} ${styles.legs}`}>
      <thead>
        <tr>
          <th>{t('patrol.act.checkpoint')}</th>
          <th>{t('patrol.round.due')}</th>
          <th>{t('patrol.round.actual')}</th>
          <th>{t('patrol.round.proof')}</th>
        </tr>
      </thead>
      <tbody>
        {round.legs.map((leg) => (
          <LegRow key={leg.position} leg={leg} round={round} place={places.get(leg.checkpoint_id)} />
        ))}
      </tbody>
    </table>
  );
}

function LegRow({ leg, round, place }: { leg: Leg; round: RoundDetail; place?: Checkpoint }) {
  const { t } = useTranslation();
  const { label, clock, duration } = useFormat();
  const cause = useCauseText()(leg.cause);
  const scan = round.scans.find((one) => one.id === leg.scan_id);
  return (
    <tr>
      <td>
        <strong>{place ? label(place.name) : leg.checkpoint_id}</strong>
        {place && <div className="quiet small">{place.place.slice(1).map(label).join(' · ')}</div>}
        {cause && <div className="small">{cause}</div>}
        <LegMark state={legState(leg, round)} />
        {leg.state === 'missed' && <ExcuseForm round={round.id} checkpoint={leg.checkpoint_id} />}
      </td>
      <td className="nowrap">
        {leg.due_at ? clock(leg.due_at) : '–'}
        {leg.due_at && (
          <div className="quiet small">
            {t('patrol.round.tolerance', { time: duration(leg.tolerance_s * 1000) })}
          </div>
        )}
      </td>
      <td className="nowrap">{leg.done_at ? clock(leg.done_at) : '–'}</td>
      <td>{scan ? <Proof scan={scan} /> : <span className="quiet">{t('patrol.round.noScan')}</span>}</td>
    </tr>
  );
}

/** How strong, and every reason in words. */
function Proof({ scan }: { scan: Scan }) {
  const { t } = useTranslation();
  const { label, duration, clock } = useFormat();
  const how = (['camera', 'nfc', 'address', 'photo'] as const).find((one) => one === scan.how);
  return (
    <>
      <span className={`${styles.strength} ${styles[scan.strength] ?? ''}`}>
        {t(`patrol.strength.${scan.strength}`)}
      </span>{' '}
      {how && t(`patrol.round.how.${how}`)}
      <ul className={styles.reasons}>
        {scan.reasons.map((reason) => (
          <li key={reason.code}>{label(reason.text)}</li>
        ))}
      </ul>
      <div className="quiet small">
        {t('patrol.round.uncertain', { time: duration(scan.uncertain_s * 1000) })} ·{' '}
        {t('patrol.round.synced', { time: clock(scan.received_at) })}
      </div>
      <PhotoList ids={scan.photo_ids} />
    </>
  );
}

/** What was scanned as well: refused, doubled or elsewhere. Shown, not hidden. */
export function OtherScans({ round, places }: Props) {
  const { t } = useTranslation();
  const { label, clock } = useFormat();
  const used = new Set(round.legs.map((leg) => leg.scan_id));
  const others = round.scans.filter((scan) => !used.has(scan.id));
  if (others.length === 0) return null;
  return (
    <Panel title={t('patrol.round.otherScans')}>
      <ul className={styles.lines}>
        {others.map((scan) => {
          const place = places.get(scan.checkpoint_id ?? 0);
          return (
            <li key={scan.id}>
              <strong>
                {clock(scan.at)} · {scan.person.display_name}
                {place && ` · ${label(place.name)}`}
              </strong>
              <div>
                <Proof scan={scan} />
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function ExcuseForm({ round, checkpoint }: { round: number; checkpoint: number }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const mayExcuse = useMay('engineer');
  const [isOpen, setIsOpen] = useState(false);
  const [comment, setComment] = useState('');
  const act = useRoundVerb(round);
  if (!mayExcuse) return null;
  return (
    <div className={layout.form}>
      <div className={layout.tools}>
        <Button aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
          {t('patrol.act.excuse')}
        </Button>
      </div>
      {isOpen && (
        <>
          <Field
            label={t('patrol.act.reason')}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
          {act.error && <p role="alert">{text(act.error)}</p>}
          <Button
            look="primary"
            isBusy={act.isPending}
            onClick={() => act.mutate({ verb: 'excuse', checkpoint, comment })}
          >
            {t('patrol.act.go')}
          </Button>
        </>
      )}
    </div>
  );
}
