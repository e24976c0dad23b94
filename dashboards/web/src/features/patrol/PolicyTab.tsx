import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { usePatrolWrite } from '@/nouns/patrol/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';
import { Button } from '@/ui/Button';
import { useFailureText } from '@/ui/Failure';
import { Choice } from '@/ui/Field';
import { Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Panel } from '@/ui/Panel';
import { tell } from '@/ui/toasts';
import { EmergencyNumbers } from './EmergencyNumbers';
import styles from './Patrol.module.css';
import { PolicyChanges } from './PolicyChanges';
import { PolicySentence } from './PolicySentence';
import { GROUPS, type Group, type Policy } from './policyFields';

/** What a site decided about its rounds, as sentences whose values can be changed. */
export function PolicyTab() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [picked, setPicked] = useState('');
  const query = useQuery({
    queryKey: ['patrol', 'policies'],
    queryFn: () => ask(api.GET('/api/v1/patrol/policies')),
  });
  return (
    <Loaded query={query} lines={8}>
      {({ items }) => {
        const site = items.find((one) => String(one.site_id) === picked) ?? items[0];
        if (!site) return null;
        return (
          <>
            <p className="quiet">{t('patrol.policy.source')}</p>
            {items.length > 1 && (
              <div className={layout.tools}>
                <Choice
                  label={t('patrol.site')}
                  value={String(site.site_id)}
                  options={items.map((one) => ({ value: String(one.site_id), label: label(one.name) }))}
                  onPick={setPicked}
                />
              </div>
            )}
            <Editor
              key={`${site.site_id} ${JSON.stringify(site.policy)}`}
              site={site.site_id}
              name={site.name}
              saved={site.policy as Policy}
            />
            <PolicyChanges site={site.site_id} />
          </>
        );
      }}
    </Loaded>
  );
}

interface EditorProps {
  site: number;
  name: Label;
  saved: Policy;
}

function Editor({ site, name, saved }: EditorProps) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const text = useFailureText();
  const mayChange = useMay('admin');
  const [policy, setPolicy] = useState(saved);
  const isChanged = JSON.stringify(policy) !== JSON.stringify(saved);
  const save = usePatrolWrite(() =>
    ask(api.PUT('/api/v1/patrol/policies/{site_id}', { params: { path: { site_id: site } }, body: policy })),
  );
  const change = (values: Partial<Policy>) => setPolicy((before) => ({ ...before, ...values }));
  return (
    <form
      className={layout.form}
      aria-label={label(name)}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: () => tell(t('patrol.edit.saved')) });
      }}
    >
      {!mayChange && <p className="quiet">{t('patrol.policy.adminOnly')}</p>}
      <fieldset className={styles.plainSet} disabled={!mayChange}>
        <div className={layout.cards}>
          {(Object.keys(GROUPS) as Group[]).map((group) => (
            <Panel key={group} title={t(`patrol.policy.group.${group}`)}>
              <ul className={styles.sentences}>
                {GROUPS[group].map((field) => (
                  <PolicySentence key={field} name={field} site={site} policy={policy} onChange={change} />
                ))}
              </ul>
            </Panel>
          ))}
        </div>
        <Panel title={t('patrol.policy.group.emergency')}>
          <EmergencyNumbers numbers={policy.emergency} onChange={(emergency) => change({ emergency })} />
        </Panel>
      </fieldset>
      {save.error && <p role="alert">{text(save.error)}</p>}
      {mayChange && (
        <div className={styles.saveBar}>
          <Button type="submit" look="primary" isLarge isBusy={save.isPending} disabled={!isChanged}>
            {t('action.save')}
          </Button>
          <Button isLarge disabled={!isChanged} onClick={() => setPolicy(saved)}>
            {t('patrol.policy.undo')}
          </Button>
          {isChanged && <span role="status">{t('patrol.policy.unsaved')}</span>}
        </div>
      )}
    </form>
  );
}
