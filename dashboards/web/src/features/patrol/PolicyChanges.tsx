import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useFormat } from '@/text/format';
import { Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { SEVERITIES } from '@/ui/severity';
import styles from './Patrol.module.css';
import { useOptions } from './PolicySentence';
import { FIELDS, type FieldName } from './policyFields';

/** Who changed what of the policy, from the audit trail. */
export function PolicyChanges({ site }: { site: number }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const query = useQuery({
    queryKey: ['patrol', 'policy-changes', site],
    queryFn: () =>
      ask(api.GET('/api/v1/patrol/policies/{site_id}/changes', { params: { path: { site_id: site } } })),
  });
  return (
    <Panel title={t('patrol.policy.changes')}>
      <Loaded
        query={query}
        isEmpty={(data) => data.length === 0}
        empty={<p className="quiet">{t('patrol.policy.noChanges')}</p>}
      >
        {(data) => (
          <ul className={styles.lines}>
            {data.map((change) => (
              <li key={change.at}>
                <span className="quiet small">
                  {time(change.at)} · {change.by}
                </span>
                {Object.entries(change.changes).map(([name, ends]) => (
                  <Change key={name} name={name} site={site} ends={ends} />
                ))}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function Change({ name, site, ends }: { name: string; site: number; ends: unknown }) {
  const { t } = useTranslation();
  const field = (Object.keys(FIELDS) as FieldName[]).find((one) => one === name);
  const said = useSaid(field, site);
  const [before, after] = Array.isArray(ends) ? ends : [null, null];
  const title =
    name === 'emergency' ? t('patrol.policy.name.emergency') : field && t(`patrol.policy.name.${field}`);
  return (
    <span>
      {title ?? name}: {said(before)} → <strong>{said(after)}</strong>
    </span>
  );
}

/** A value of the policy in words. */
function useSaid(name: FieldName | undefined, site: number) {
  const { t, i18n } = useTranslation();
  const options = useOptions(name ?? 'counts', site);
  const field = name && FIELDS[name];
  return (value: unknown): string => {
    if (field?.kind === 'number' && typeof value === 'number')
      return `${value / field.a} ${t(`patrol.policy.unit.${field.unit}`)}`;
    if (Array.isArray(value)) {
      const words = value.map((one) => {
        const severity = SEVERITIES.find((known) => known === one);
        if (severity) return t(`severity.${severity}`);
        return lineOf(one, i18n.language);
      });
      return words.join(', ') || t('patrol.policy.cleared');
    }
    return options.find((one) => one.value === value)?.label ?? String(value ?? t('patrol.policy.cleared'));
  };
}

function lineOf(line: unknown, language: string): string {
  const known = line as { name_en?: string; name_zh?: string; number?: string };
  return `${(language === 'zh' ? known.name_zh : known.name_en) ?? ''} ${known.number ?? ''}`.trim();
}
