import { useTranslation } from 'react-i18next';
import type { AlarmDetail } from '@/nouns/alarms/queries';
import { BY_ITSELF } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import type { Severity } from '@/ui/severity';
import { Timeline } from '@/ui/Timeline';

/** Every change of the alarm, newest first. */
export function AlarmHistory({ events }: { events: AlarmDetail['events'] }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const changeOf = ({ data }: AlarmDetail['events'][number]) => {
    const { from, to, until } = data as { from?: Severity; to?: Severity; until?: string };
    if (from && to) return `${t(`severity.${from}`)} → ${t(`severity.${to}`)}`;
    return until ? t('alarm.until', { time: time(until) }) : null;
  };
  const entries = [...events].reverse().map((event, i) => ({
    key: `${event.at}-${i}`,
    title: t(`alarm.event.${event.kind}`, { defaultValue: event.kind }),
    at: time(event.at),
    by: event.actor === BY_ITSELF ? t('ticket.byItself') : event.actor,
    text: event.comment ?? changeOf(event),
  }));
  return (
    <section>
      <h3>{t('ticket.history')}</h3>
      <Timeline entries={entries} />
    </section>
  );
}
