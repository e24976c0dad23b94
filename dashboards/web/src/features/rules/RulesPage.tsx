import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProfiles } from '@/nouns/assets/queries';
import { useRules } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useIsPhone, useTitle } from '@/ui/screen';
import { NewRule } from './NewRule';
import { RuleList } from './RuleList';
import { MOST_TOGETHER, SetBacktest } from './SetBacktest';

const RuleTable = lazy(async () => ({ default: (await import('./RuleTable')).RuleTable }));

/** What raises an alarm: every rule as a sentence. */
export function RulesPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const mayAdd = useMay('admin');
  const [profile, setProfile] = useState('');
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<number[]>([]);
  const [isTrying, setTrying] = useState(false);
  const isPhone = useIsPhone();
  // rules are chosen in the table, which a phone has no room for
  const mayTry = useMay('engineer') && !isPhone;
  const profiles = useProfiles().data ?? [];
  const query = useRules();
  const rules = (query.data ?? []).filter((rule) => !profile || rule.profile === profile);
  const options = [
    { value: '', label: t('asset.allTypes') },
    ...profiles.map((known) => ({ value: known.key, label: label(known.name) })),
  ];
  const set = rules.filter((rule) => chosen.includes(rule.id));
  useTitle(t('rules.title'));
  return (
    <>
      <PageHead
        title={t('rules.title')}
        under={t('rules.explain')}
        actions={
          mayAdd && (
            <Button look="primary" onClick={() => setAdding(true)}>
              {t('rules.add')}
            </Button>
          )
        }
      />
      <div className={layout.tools}>
        <Choice label={t('asset.type')} isCompact value={profile} options={options} onPick={setProfile} />
        {mayTry && (
          <>
            <Button disabled={set.length === 0} onClick={() => setTrying(true)}>
              {set.length > 0 ? t('rules.set.openCount', { count: set.length }) : t('rules.set.open')}
            </Button>
            <span className="quiet small">{t('rules.set.hint', { most: MOST_TOGETHER })}</span>
          </>
        )}
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={() => rules.length === 0}
          empty={<Empty title={t('rules.none')}>{t('rules.noneHint')}</Empty>}
        >
          {() =>
            isPhone ? (
              <RuleList rules={rules} />
            ) : (
              <Suspense fallback={<Waiting lines={8} />}>
                <RuleTable rules={rules} set={set} onChoose={mayTry ? setChosen : undefined} />
              </Suspense>
            )
          }
        </Loaded>
      </Panel>
      {isAdding && <NewRule onClose={() => setAdding(false)} />}
      {isTrying && <SetBacktest rules={set} onClose={() => setTrying(false)} />}
    </>
  );
}
