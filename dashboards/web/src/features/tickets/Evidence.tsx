import { useTranslation } from 'react-i18next';
import type { TicketDetail } from '@/nouns/tickets/queries';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { ClosingEvidence } from './ClosingEvidence';
import { EvidenceChart } from './EvidenceChart';
import { FactCheck } from './FactCheck';
import { Verdict } from './Verdict';

const SHOWN_MS = 30 * 60_000;
const MOST_FACTS = 4;

/** What the sensor says: the reason why a ticket may be closed, or not yet. */
export function Evidence({ ticket }: { ticket: TicketDetail }) {
  const { t } = useTranslation();
  const verification = ticket.verification;
  if (ticket.status === 'closed') return <ClosingEvidence ticket={ticket} />;
  if (!verification || ticket.rule_id === null) {
    return (
      <Panel title={t('ticket.evidence')}>
        <p>{t('ticket.noSensor')}</p>
      </Panel>
    );
  }
  return (
    <Panel title={t('ticket.evidence')}>
      <div className={layout.form}>
        {verification.facts.slice(0, MOST_FACTS).map((fact) => (
          <div key={fact.point_id}>
            <FactCheck fact={fact} assetId={ticket.asset.id} />
            {typeof fact.limit === 'number' && fact.relation !== 'silent' && (
              <EvidenceChart
                pointId={fact.point_id}
                severity={ticket.severity}
                limit={fact.limit}
                lengthMs={Math.max(SHOWN_MS, 2000 * verification.verify_s)}
                provenFrom={verification.in_band_since}
              />
            )}
          </div>
        ))}
        <Verdict verification={verification} />
      </div>
    </Panel>
  );
}
