import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Checks } from '@/ui/Checks';
import { SEVERITIES } from '@/ui/severity';
import styles from './Patrol.module.css';
import { useRoutes } from './planning';
import { FIELDS, type FieldName, type Policy, pieces } from './policyFields';

interface Props {
  name: FieldName;
  site: number;
  policy: Policy;
  onChange: (values: Partial<Policy>) => void;
}

/** A sentence of the policy with its value in its place. */
export function PolicySentence(props: Props) {
  const { t } = useTranslation();
  const { name, policy, onChange } = props;
  if (name === 'dispatch_severities')
    return (
      <li>
        <Checks
          legend={t('patrol.policy.said.dispatch_severities')}
          isRow
          options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
          picked={policy.dispatch_severities}
          onPick={(dispatch_severities) => onChange({ dispatch_severities })}
        />
      </li>
    );
  return (
    <li>
      {pieces(t(`patrol.policy.said.${name}`)).map((piece) =>
        piece.isField ? <Value key={piece.key} {...props} /> : <span key={piece.key}>{piece.text}</span>,
      )}
    </li>
  );
}

function Value(props: Props) {
  const field = FIELDS[props.name];
  return field.kind === 'number' ? <Amount {...props} field={field} /> : <Pick {...props} />;
}

type NumberField = Extract<(typeof FIELDS)[FieldName], { kind: 'number' }>;

function Amount({ name, policy, onChange, field }: Props & { field: NumberField }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(() => String(Number(policy[name]) / field.a));
  return (
    <span className={styles.inline}>
      <input
        type="number"
        required
        min={field.least}
        max={field.most}
        step="any"
        aria-label={t(`patrol.policy.name.${name}`)}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          const value = Number(event.target.value) * field.a;
          onChange({ [name]: name === 'fastest_m_s' ? value : Math.round(value) });
        }}
      />{' '}
      {t(`patrol.policy.unit.${field.unit}`)}
    </span>
  );
}

function Pick({ name, site, policy, onChange }: Props) {
  const { t } = useTranslation();
  const options = useOptions(name, site);
  const value = policy[name];
  return (
    <select
      className={styles.inline}
      aria-label={t(`patrol.policy.name.${name}`)}
      value={value === null ? '' : String(value)}
      onChange={(event) => {
        const found = options.find((one) => String(one.value ?? '') === event.target.value);
        if (found) onChange({ [name]: found.value });
      }}
    >
      {options.map((one) => (
        <option key={String(one.value)} value={one.value === null ? '' : String(one.value)}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

type Option = { value: string | number | boolean | null; label: string };

/** What a choice of the policy offers. */
export function useOptions(name: FieldName, site: number): Option[] {
  const { t } = useTranslation();
  const { label } = useFormat();
  const routes = useRoutes().data?.items ?? [];
  const both = (word: 'photoCounts' | 'newPhones' | 'suspends'): Option[] => [
    { value: true, label: t(`patrol.policy.${word}.yes`) },
    { value: false, label: t(`patrol.policy.${word}.no`) },
  ];
  switch (name) {
    case 'counts':
      return (['weak', 'fair', 'strong'] as const).map((value) => ({
        value,
        label: t(`patrol.strength.${value}`),
      }));
    case 'least_tag':
      return (['qr', 'nfc', 'ntag424'] as const).map((value) => ({
        value,
        label: t(`patrol.tag.kindOf.${value}`),
      }));
    case 'photo_counts':
      return both('photoCounts');
    case 'known_phones_only':
      return both('newPhones');
    case 'alarm_suspends':
      return both('suspends');
    case 'fire_watch_route_id':
      return [
        { value: null, label: t('patrol.policy.building') },
        ...routes
          .filter((one) => one.site_id === site)
          .map((one) => ({ value: one.id, label: label(one.name) })),
      ];
    default:
      return [];
  }
}
