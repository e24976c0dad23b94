import type { Alarm } from '@/nouns/alarms/queries';
import type { Point } from '@/nouns/assets/queries';
import { type Limit, limitsOf } from '@/nouns/rules/conditions';
import type { Rule } from '@/nouns/rules/queries';
import type { Label } from '@/text/i18n';
import type { Severity } from '@/ui/severity';

export interface LimitLine {
  value: number;
  severity: Severity;
  name: Label;
}

/** The limits that enabled rules of its asset put on a point. */
export function limitLines(rules: Rule[], point: Point): LimitLine[] {
  return rules
    .filter((rule) => rule.enabled)
    .flatMap((rule) =>
      limitsOf(rule.condition)
        .filter((limit) => limit.point === point.key)
        .flatMap((limit: Limit) => [limit.high, limit.low])
        .filter((value) => typeof value === 'number')
        .map((value) => ({ value, severity: rule.severity, name: rule.name })),
    );
}

export interface AlarmSpan {
  from: number;
  to: number;
  severity: Severity;
  name: Label;
}

/** When alarms about a point stood within a range; one that stands still reaches to the end. */
export function alarmSpans(alarms: Alarm[], pointId: number, from: number, to: number): AlarmSpan[] {
  return alarms
    .filter((alarm) => alarm.facts.some((fact) => fact.point_id === pointId))
    .map((alarm) => ({
      from: Date.parse(alarm.raised_at),
      to: alarm.returned_at ? Date.parse(alarm.returned_at) : to,
      severity: alarm.severity,
      name: alarm.rule.name,
    }))
    .filter((span) => span.from < to && span.to > from);
}
