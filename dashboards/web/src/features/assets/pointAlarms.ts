import { createContext, useContext, useMemo } from 'react';
import { type Alarm, isActive, useAlarms } from '@/nouns/alarms/queries';
import { bySeverity, type Severity } from '@/ui/severity';

const Alarmed = createContext(new Map<number, Severity>());
export const PointAlarmsProvider = Alarmed.Provider;

/** The points of an asset that standing alarms are about, with the worst priority of each. */
export function usePointAlarmsOf(assetId: number): Map<number, Severity> {
  const alarms = useAlarms({ state: 'open', asset: assetId, limit: 100 }).data?.items;
  return useMemo(() => worstOf(alarms ?? []), [alarms]);
}

function worstOf(alarms: Alarm[]): Map<number, Severity> {
  const worst = new Map<number, Severity>();
  for (const alarm of alarms.filter(isActive).sort((a, b) => bySeverity(b.severity, a.severity))) {
    for (const fact of alarm.facts) worst.set(fact.point_id, alarm.severity);
  }
  return worst;
}

/** The priority of the worst standing alarm about a point, if there is one. */
export function usePointAlarm(pointId: number | undefined): Severity | undefined {
  const alarmed = useContext(Alarmed);
  return pointId === undefined ? undefined : alarmed.get(pointId);
}

/** All points that standing alarms of the asset on screen are about. */
export function usePointAlarms(): Map<number, Severity> {
  return useContext(Alarmed);
}
