import Table, { type ColumnsType } from 'antd/es/table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useProfile, useProfiles } from '@/nouns/assets/queries';
import { type Rule, useRules } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Desk } from '@/ui/desk/Desk';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import { PageHead, Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import { useTitle } from '@/ui/screen';
import { NewRule } from './NewRule';
import type { Condition } from './parts';
import styles from './Rules.module.css';
import { MOST_TOGETHER, SetBacktest } from './SetBacktest';
import { useSentence } from './useSentence';

/** What raises an alarm: every rule as a sentence. */
export function RulesPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const mayAdd = useMay('admin');
  const [profile, setProfile] = useState('');
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<number[]>([]);
  const [isTrying, setTrying] = useState(false);
  const mayTry = useMay('engineer');
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
      <div className={styles.tools}>
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
          {() => <RuleTable rules={rules} set={set} onChoose={mayTry ? setChosen : undefined} />}
        </Loaded>
      </Panel>
      {isAdding && <NewRule onClose={() => setAdding(false)} />}
      {isTrying && <SetBacktest rules={set} onClose={() => setTrying(false)} />}
    </>
  );
}

interface TableProps {
  rules: Rule[];
  /** Those that are chosen, all of one type. */
  set: Rule[];
  onChoose: ((ids: number[]) => void) | undefined;
}

function RuleTable({ rules, set, onChoose }: TableProps) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const profiles = new Map(useProfiles().data?.map((profile) => [profile.key, profile.name]));
  const columns: ColumnsType<Rule> = [
    {
      title: t('rules.rule'),
      width: 260,
      render: (_, rule) => {
        const type = profiles.get(rule.profile);
        return (
          <>
            <Link to={`/rules/${rule.id}`} className={rule.enabled ? undefined : styles.off}>
              <strong>{label(rule.name)}</strong>
            </Link>
            {rule.problem && <div>{rule.problem}</div>}
            <div className="quiet small">{type ? label(type) : rule.profile}</div>
          </>
        );
      },
    },
    {
      title: t('alarm.severity'),
      width: 120,
      render: (_, rule) => <SeverityMark severity={rule.severity} isHollow={!rule.enabled} />,
    },
    { title: t('rules.when'), render: (_, rule) => <Said rule={rule} /> },
    {
      title: t('rules.onDelay'),
      width: 110,
      align: 'right',
      render: (_, rule) => duration(rule.on_delay_s * 1000),
    },
    { title: t('rules.state'), width: 80, render: (_, rule) => t(rule.enabled ? 'rules.on' : 'rules.off') },
  ];
  const isChosen = (rule: Rule) => set.includes(rule);
  const mayChoose = (rule: Rule) =>
    isChosen(rule) || (set.length < MOST_TOGETHER && set.every((one) => one.profile === rule.profile));
  return (
    <Desk>
      <Table<Rule>
        rowKey="id"
        columns={columns}
        dataSource={rules}
        pagination={false}
        size="middle"
        scroll={{ x: 900 }}
        rowSelection={
          onChoose && {
            hideSelectAll: true,
            columnTitle: <span className="only-read-aloud">{t('rules.set.chosen')}</span>,
            selectedRowKeys: set.map((rule) => rule.id),
            onChange: (keys) => onChoose(keys.map(Number)),
            getCheckboxProps: (rule) => ({
              disabled: !mayChoose(rule),
              'aria-label': t('rules.set.choose', { name: label(rule.name) }),
            }),
          }
        }
      />
    </Desk>
  );
}

function Said({ rule }: { rule: Rule }) {
  const points = useProfile(rule.profile).data?.points ?? [];
  const say = useSentence(points);
  return <>{say(rule.condition as unknown as Condition)}</>;
}
