import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { assetQuery } from '@/nouns/assets/queries';
import { BY_ITSELF } from '@/nouns/people/queries';
import { valueText } from '@/nouns/points/reading';
import type { TicketDetail } from '@/nouns/tickets/queries';
import { useFormat } from '@/text/format';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import styles from './Evidence.module.css';
import { EvidenceChart } from './EvidenceChart';
import { type ProofPoint, proofOf } from './proof';

const SHOWN_MS = 30 * 60_000;

/** On what the ticket was closed: who or what agreed, and what the sensor read while it was watched. */
export function ClosingEvidence({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const proof = proofOf(ticket);
  const limits = new Map(
    ticket.alarms.flatMap((alarm) => alarm.facts).map((fact) => [fact.point_id, fact.limit]),
  );
  return (
    <Panel title={t('ticket.evidence')}>
      <div className={layout.form}>
        <div>
          <strong>{t(`ticket.closeKind.${ticket.close_kind ?? 'manual'}`)}</strong>
          {ticket.closed_at && (
            <p className="quiet">
              {time(ticket.closed_at)}
              {ticket.closed_by &&
                ` · ${ticket.closed_by === BY_ITSELF ? t('ticket.byItself') : ticket.closed_by}`}
            </p>
          )}
          {proof?.overrideReason && <p>{t('ticket.overrideReason', { reason: proof.overrideReason })}</p>}
          {proof?.inBandSince && <p>{t('ticket.proofWindow', { time: time(proof.inBandSince) })}</p>}
        </div>
        {proof && proof.points.length > 0 && <ProofTable assetId={ticket.asset.id} points={proof.points} />}
        {ticket.closed_at &&
          proof?.points
            .filter((point) => typeof limits.get(point.point) === 'number')
            .map((point) => (
              <EvidenceChart
                key={point.point}
                pointId={point.point}
                severity={ticket.severity}
                limit={Number(limits.get(point.point))}
                lengthMs={SHOWN_MS}
                provenFrom={proof.inBandSince}
                until={Date.parse(ticket.closed_at ?? '')}
              />
            ))}
      </div>
    </Panel>
  );
}

function ProofTable({ assetId, points }: { assetId: number; points: ProofPoint[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const known = new Map(useQuery(assetQuery(assetId)).data?.points.map((point) => [point.id, point]));
  return (
    <table className={styles.proof}>
      <thead>
        <tr>
          <th>{t('ticket.proofPoint')}</th>
          <th>{t('ticket.proofCount')}</th>
          <th>{t('ticket.proofMin')}</th>
          <th>{t('ticket.proofMax')}</th>
          <th>{t('ticket.proofLast')}</th>
        </tr>
      </thead>
      <tbody>
        {points.map((row) => {
          const point = known.get(row.point);
          const text = (value: ProofPoint['last']) =>
            point
              ? `${valueText(point, value, label)}${point.unit ? ` ${point.unit}` : ''}`
              : String(value ?? '—');
          return (
            <tr key={row.point}>
              <td>{point ? label(point.name) : `#${row.point}`}</td>
              <td>{row.readings}</td>
              <td>{text(row.min)}</td>
              <td>{text(row.max)}</td>
              <td>{text(row.last)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
