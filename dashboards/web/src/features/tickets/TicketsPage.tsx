import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { type TicketFilter, useTicketPages, useTicketSummary } from '@/nouns/tickets/queries';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { More } from '@/ui/More';
import { PageHead } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import { Segmented } from '@/ui/Segmented';
import { useIsPhone, useTitle } from '@/ui/screen';
import { TicketBoard } from './TicketBoard';
import { TicketList } from './TicketList';
import styles from './TicketsPage.module.css';

const WHICH = ['open', 'mine', 'overdue', 'closed'] as const;
type Which = (typeof WHICH)[number];
const LOOKS = ['board', 'list'] as const;

const FILTERS: Record<Which, TicketFilter> = {
  open: { status: 'active' },
  mine: { status: 'active', assignee: 'me' },
  overdue: { status: 'active', overdue: true },
  closed: { status: 'closed' },
};

export function TicketsPage() {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const [params, setParams] = useSearchParams();
  useTitle(t('nav.tickets'));
  const which = WHICH.find((known) => known === params.get('which')) ?? 'open';
  const look = isPhone || which === 'closed' || params.get('look') === 'list' ? 'list' : 'board';
  const q = params.get('q') ?? '';
  const query = useTicketPages({ ...FILTERS[which], ...(q && { q }) });
  const summary = useTicketSummary().data;
  const tickets = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const set = (name: string, value: string) =>
    setParams(
      (now) => {
        if (value) now.set(name, value);
        else now.delete(name);
        return now;
      },
      { replace: true, flushSync: true },
    );
  const counts: Record<Which, number | undefined> = {
    open: summary?.open,
    mine: summary?.mine,
    overdue: summary?.overdue,
    closed: undefined,
  };
  return (
    <>
      <PageHead title={t('nav.tickets')} under={t('ticket.explain')} />
      <div className={`${layout.tools} ${styles.filters}`}>
        <Segmented
          label={t('ticket.which')}
          value={which}
          options={WHICH.map((value) => ({
            value,
            label: `${t(`ticket.whichOf.${value}`)}${counts[value] === undefined ? '' : ` ${counts[value]}`}`,
          }))}
          onPick={(value) => set('which', value)}
        />
        <SearchField label={t('ticket.search')} value={q} onSearch={(text) => set('q', text)} />
        {!isPhone && which !== 'closed' && (
          <Segmented
            label={t('ticket.look')}
            value={look}
            options={LOOKS.map((value) => ({ value, label: t(`ticket.lookOf.${value}`) }))}
            onPick={(value) => set('look', value)}
          />
        )}
      </div>
      <Loaded
        query={query}
        lines={8}
        isEmpty={() => tickets.length === 0}
        empty={<Empty title={t('ticket.none')}>{t('ticket.noneHint')}</Empty>}
      >
        {() => (look === 'board' ? <TicketBoard tickets={tickets} /> : <TicketList tickets={tickets} />)}
      </Loaded>
      <More query={query} />
    </>
  );
}
