import type { PutBody } from '@/api/answers';

export type Policy = Required<PutBody<'/api/v1/patrol/policies/{site_id}'>>;

/** How a field is asked for. Times are kept in seconds and asked for in what people say. */
export type FieldKind =
  | { kind: 'number'; unit: 'min' | 's' | 'm' | 'm_s' | 'd'; a: number; least: number; most: number }
  | { kind: 'choice' };

const number = (unit: 'min' | 's' | 'm' | 'm_s' | 'd', least: number, most: number): FieldKind => ({
  kind: 'number',
  unit,
  a: unit === 'min' ? 60 : 1,
  least,
  most,
});
const choice: FieldKind = { kind: 'choice' };

/** The sentences in their order, by what they are about. */
export const GROUPS = {
  proof: ['counts', 'least_tag', 'photo_counts'],
  time: ['tolerance_s', 'grace_s', 'early_s'],
  place: [
    'place_radius_m',
    'place_accuracy_m',
    'place_age_s',
    'fastest_m_s',
    'seconds_a_floor',
    'least_travel_s',
  ],
  phone: ['clock_tolerance_s', 'known_phones_only'],
  alarm: ['dispatch_severities', 'alarm_suspends', 'answer_within_s'],
  fire: ['fire_watch_every_s', 'fire_watch_route_id'],
  lone: ['lone_worker_grace_s'],
  keep: ['place_days', 'photo_days'],
} as const;

export type Group = keyof typeof GROUPS;
export type FieldName = (typeof GROUPS)[Group][number];

/** The ends are the server's; it refuses what lies outside of them. */
export const FIELDS: Record<FieldName, FieldKind> = {
  counts: choice,
  least_tag: choice,
  photo_counts: choice,
  tolerance_s: number('min', 0, 1440),
  grace_s: number('min', 0, 1440),
  early_s: number('min', 0, 1440),
  place_radius_m: number('m', 5, 2000),
  place_accuracy_m: number('m', 5, 5000),
  place_age_s: number('s', 5, 3600),
  fastest_m_s: number('m_s', 0.1, 20),
  seconds_a_floor: number('s', 0, 120),
  least_travel_s: number('s', 0, 86_400),
  clock_tolerance_s: number('s', 5, 3600),
  known_phones_only: choice,
  dispatch_severities: choice,
  alarm_suspends: choice,
  answer_within_s: number('min', 1, 240),
  fire_watch_every_s: number('min', 5, 1440),
  fire_watch_route_id: choice,
  lone_worker_grace_s: number('s', 0, 86_400),
  place_days: number('d', 1, 366),
  photo_days: number('d', 1, 3660),
};

/** A sentence in its pieces: text, and the names of fields that stood in square brackets. */
export function pieces(sentence: string): { text: string; isField: boolean; key: string }[] {
  return sentence
    .split(/\[(\w+)\]/)
    .map((text, index) => ({ text, isField: index % 2 === 1, key: `${index}-${text}` }))
    .filter((one) => one.isField || one.text !== '');
}
