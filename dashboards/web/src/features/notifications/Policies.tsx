import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSpaces } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './Notifications.module.css';
import { PolicyDialog } from './PolicyDialog';
import { type Policy, usePolicies } from './queries';
import { StepsPicture } from './StepsPicture';

const EVERYWHERE = 'all';

/** How what happens escalates, by severity, for one site or for all. */
export function Policies() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const sites = (useSpaces().data ?? []).filter((space) => space.kind === 'site');
  const [picked, setPicked] = useState(EVERYWHERE);
  const site = picked === EVERYWHERE ? null : Number(picked);
  const query = usePolicies(site);
  const [edited, setEdited] = useState<Policy | null>(null);
  return (
    <>
      <div className={styles.narrow}>
        <Choice
          label={t('notify.forSite')}
          value={picked}
          options={[
            { value: EVERYWHERE, label: t('notify.allSites') },
            ...sites.map((one) => ({ value: String(one.id), label: label(one.name) })),
          ]}
          onPick={setPicked}
        />
      </div>
      <Loaded query={query} lines={8}>
        {(data) =>
          data.items.map((policy) => (
            <Panel
              key={policy.severity}
              title={<SeverityMark severity={policy.severity} />}
              actions={
                <>
                  <span className="quiet small">{t(`notify.source.${policy.source}`)}</span>
                  <Button
                    onClick={() => setEdited(policy)}
                    aria-label={`${t('action.edit')} ${t('notify.editPolicy', { name: t(`severity.${policy.severity}`) })}`}
                  >
                    {t('action.edit')}
                  </Button>
                </>
              }
            >
              <StepsPicture plan={policy.plan} />
            </Panel>
          ))
        }
      </Loaded>
      <p className="quiet small">{t('notify.lifeSafety')}</p>
      {edited && <PolicyDialog site={site} policy={edited} onClose={() => setEdited(null)} />}
    </>
  );
}
