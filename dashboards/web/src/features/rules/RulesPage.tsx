import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProfiles } from '@/nouns/assets/queries';
import type { Rule } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Choice } from '@/ui/Field';
import { Empty, Loaded, Waiting } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { Pages } from '@/ui/Pages';
import { PageHead, Panel } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import { Segmented } from '@/ui/Segmented';
import { useIsPhone, useTitle } from '@/ui/screen';
import { NewRule } from './NewRule';
import { RuleList } from './RuleList';
import { MOST_TOGETHER, SetBacktest } from './SetBacktest';
import { PAGE, STANDINGS, useRuleRows } from './useRuleRows';

const RuleTable = lazy(async () => ({ default: (await import('./RuleTable')).RuleTable }));

/** What raises an alarm: every rule as a sentence. */
export function RulesPage() {
  const { t } = useTranslation();
  const mayAdd = useMay('admin');
  const [isAdding, setAdding] = useState(false);
  // chosen on several pages, so kept as rules
  const [set, setSet] = useState<Rule[]>([]);
  const [isTrying, setTrying] = useState(false);
  const isPhone = useIsPhone();
  // rules are chosen in the table, which a phone has no room for
  const mayTry = useMay('engineer') && !isPhone;
  const rows = useRuleRows();
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
      <Filters rows={rows} />
      {mayTry && (
        <div className={layout.tools}>
          <Button disabled={set.length === 0} onClick={() => setTrying(true)}>
            {set.length > 0 ? t('rules.set.openCount', { count: set.length }) : t('rules.set.open')}
          </Button>
          {set.length > 0 && (
            <Button look="quiet" onClick={() => setSet([])}>
              {t('rules.set.clear')}
            </Button>
          )}
          <span className="quiet small">{t('rules.set.hint', { most: MOST_TOGETHER })}</span>
        </div>
      )}
      <Panel isFlush>
        <Loaded
          query={rows.query}
          lines={8}
          isEmpty={(page) => page.total === 0}
          empty={<Empty title={t('rules.none')}>{t('rules.noneHint')}</Empty>}
        >
          {({ items, total }) =>
            isPhone ? (
              <>
                <RuleList rules={items} />
                <Pages total={total} size={PAGE} offset={rows.offset} onGo={rows.turn} />
              </>
            ) : (
              <Suspense fallback={<Waiting lines={8} />}>
                <RuleTable
                  rules={items}
                  total={total}
                  offset={rows.offset}
                  onPage={rows.turn}
                  set={set}
                  onChoose={mayTry ? setSet : undefined}
                />
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

function Filters({ rows: { filter, change } }: { rows: ReturnType<typeof useRuleRows> }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const profiles = useProfiles().data ?? [];
  const types = [
    { value: '', label: t('asset.allTypes') },
    ...profiles.map((known) => ({ value: known.key, label: label(known.name) })),
  ];
  return (
    <div className={layout.tools}>
      <SearchField label={t('rules.search')} value={filter.q} onSearch={(q) => change({ q })} />
      <Choice
        label={t('asset.type')}
        isCompact
        value={filter.profile}
        options={types}
        onPick={(profile) => change({ profile })}
      />
      <Segmented
        label={t('rules.state')}
        value={filter.standing ?? 'all'}
        options={[
          { value: 'all', label: t('rules.standing.all') },
          ...STANDINGS.map((value) => ({ value, label: t(`rules.standing.${value}`) })),
        ]}
        onPick={(value) => change({ standing: value === 'all' ? undefined : value })}
      />
    </div>
  );
}
