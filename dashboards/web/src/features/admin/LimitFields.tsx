import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import type { Limit } from '@/nouns/rules/conditions';
import type { Rule } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Field } from '@/ui/Field';
import styles from './AdminPage.module.css';

const PARTS = ['high', 'low', 'deadband'] as const;

interface Props {
  rule: Rule;
  limits: Limit[];
  onChange: (limits: Limit[]) => void;
}

/** One row for each limit of the rule, with the unit of its point. */
export function LimitFields({ rule, limits, onChange }: Props) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profile = useQuery({
    queryKey: ['assets', 'profile', rule.profile],
    queryFn: () => ask(api.GET('/api/v1/profiles/{key}', { params: { path: { key: rule.profile } } })),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  const set = (index: number, part: (typeof PARTS)[number], value: number) =>
    onChange(limits.map((limit, i) => (i === index ? { ...limit, [part]: value } : limit)));
  return limits.map((limit, index) => {
    const point = profile?.points.find((known) => known.key === limit.point);
    const name = point ? label(point.name) : limit.point;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the limits of a condition have no other name than their place.
      <fieldset key={index} className={styles.limit}>
        <legend>
          {name} {point?.unit && <span className="quiet">({point.unit})</span>}
        </legend>
        <div className={styles.pair}>
          {PARTS.filter((part) => typeof limit[part] === 'number').map((part) => (
            <Field
              key={part}
              label={t(`admin.limit.${part}`)}
              type="number"
              step="any"
              required
              value={limit[part] ?? ''}
              onChange={(event) => set(index, part, event.target.valueAsNumber)}
            />
          ))}
        </div>
      </fieldset>
    );
  });
}
