import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { AlarmFilter, AlarmStates, AvailabilityKind } from '@/nouns/alarms/queries';
import { SEVERITIES, type Severity } from '@/ui/severity';

export const AVAILABILITIES: AvailabilityKind[] = ['in_service', 'shelved', 'suppressed', 'out_of_service'];
const NOTES = ['stale', 'chattering'] as const;
export const STATES: AlarmStates[] = ['open', 'unacknowledged', 'normal', 'all'];

export function readAlarmFilter(params: URLSearchParams): AlarmFilter {
  const state = STATES.find((known) => known === params.get('state')) ?? 'open';
  const severity = SEVERITIES.find((known) => known === params.get('severity'));
  const asset = Number(params.get('asset'));
  const availability = AVAILABILITIES.find((known) => known === params.get('availability'));
  const note = NOTES.find((known) => known === params.get('note'));
  return {
    state,
    ...(severity && { severity }),
    ...(asset > 0 && { asset }),
    ...(availability && { availability }),
    ...(note && { note }),
  };
}

/** Filter and opened alarm, kept in the address: a link shows somebody else the same. */
export function useAlarmFilter() {
  const [params, setParams] = useSearchParams();
  const filter = useMemo(() => readAlarmFilter(params), [params]);
  const alarm = Number(params.get('alarm')) || null;
  const withParts = (parts: Record<string, string>) => {
    const next = new URLSearchParams(params);
    for (const [name, value] of Object.entries(parts)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    return next;
  };
  return {
    filter,
    alarm,
    change: (parts: {
      state?: AlarmStates;
      severity?: Severity | string;
      asset?: string;
      availability?: string;
      note?: string;
    }) => setParams(withParts(parts), { replace: true, flushSync: true }),
    open: (id: number | null) =>
      setParams(withParts({ alarm: id === null ? '' : String(id) }), {
        preventScrollReset: true,
        flushSync: true,
      }),
    addressOf: (id: number) => `?${withParts({ alarm: String(id) })}`,
  };
}
