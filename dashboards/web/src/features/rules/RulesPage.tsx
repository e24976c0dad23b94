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
import { useSentence } from './useSentence';

/** What raises an alarm: every rule as a sentence. */
export function RulesPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const mayAdd = useMay('admin');
  const [profile, setProfile] = useState('');
  const [isAdding, setAdding] = useState(false);
  const profiles = useProfiles().data ?? [];
  const query = useRules();
  const rules = (query.data ?? []).filter((rule) => !profile || rule.profile === profile);
  const options = [
    { value: '', label: t('asset.allTypes') },
    ...profiles.map((known) => ({ value: known.key, label: label(known.name) })),
  ];
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
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={() => rules.length === 0}
          empty={<Empty title={t('rules.none')}>{t('rules.noneHint')}</Empty>}
        >
          {() => <RuleTable rules={rules} />}
        </Loaded>
      </Panel>
      {isAdding && <NewRule onClose={() => setAdding(false)} />}
    </>
  );
}

function RuleTable({ rules }: { rules: Rule[] }) {
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
  return (
    <Desk>
      <Table<Rule>
        rowKey="id"
        columns={columns}
        dataSource={rules}
        pagination={false}
        size="middle"
        scroll={{ x: 900 }}
      />
    </Desk>
  );
}

function Said({ rule }: { rule: Rule }) {
  const points = useProfile(rule.profile).data?.points ?? [];
  const say = useSentence(points);
  return <>{say(rule.condition as unknown as Condition)}</>;
}
