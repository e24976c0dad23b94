import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useMay } from '@/nouns/session/session';
import { useTickets } from '@/nouns/tickets/queries';
import { TicketLine } from '@/nouns/tickets/TicketLine';
import { Button } from '@/ui/Button';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { ReportFault } from './ReportFault';

const SHOWN = 8;

export function AssetTickets({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const mayReport = useMay('guard');
  const [isReporting, setReporting] = useState(false);
  const query = useTickets({ asset: asset.id, limit: SHOWN });
  return (
    <Panel
      title={t('nav.tickets')}
      actions={mayReport && <Button onClick={() => setReporting(true)}>{t('asset.report')}</Button>}
      isFlush
    >
      <Loaded
        query={query}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('asset.noTickets')} />}
      >
        {(data) => data.items.map((ticket) => <TicketLine key={ticket.id} ticket={ticket} />)}
      </Loaded>
      {isReporting && <ReportFault asset={asset} onClose={() => setReporting(false)} />}
    </Panel>
  );
}
