import Table, { type ColumnsType } from 'antd/es/table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useProfiles } from '@/nouns/assets/queries';
import { limitsOf } from '@/nouns/rules/conditions';
import { type Rule, useRules } from '@/nouns/rules/queries';
import { useMay } from '@/nouns/session/session';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Desk } from '@/ui/desk/Desk';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './AdminPage.module.css';
import { RuleForm } from './RuleForm';

export function Rules() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const [profile, setProfile] = useState('');
  const [edited, setEdited] = useState<Rule | null>(null);
  const profiles = useProfiles().data ?? [];
  const query = useRules();
  const rules = (query.data ?? []).filter((rule) => !profile || rule.profile === profile);
  const options = [
    { value: '', label: t('asset.allTypes') },
    ...profiles.map((known) => ({ value: known.key, label: label(known.name) })),
  ];
  return (
    <>
      <div className={styles.tools}>
        <Choice label={t('asset.type')} isCompact value={profile} options={options} onPick={setProfile} />
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={() => rules.length === 0}
          empty={<Empty title={t('admin.noRules')} />}
        >
          {() => <RuleTable rules={rules} onEdit={setEdited} />}
        </Loaded>
      </Panel>
      {edited && <RuleForm rule={edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function RuleTable({ rules, onEdit }: { rules: Rule[]; onEdit: (rule: Rule) => void }) {
  const { t } = useTranslation();
  const { label, duration } = useFormat();
  const mayEdit = useMay('admin');
  const profiles = new Map(useProfiles().data?.map((profile) => [profile.key, profile.name]));
  const columns: ColumnsType<Rule> = [
    {
      title: t('admin.rule'),
      render: (_, rule) => {
        const type = profiles.get(rule.profile);
        return (
          <>
            <strong className={rule.enabled ? undefined : styles.off}>{label(rule.name)}</strong>
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
    {
      title: t('admin.limits'),
      render: (_, rule) =>
        limitTexts(rule.condition).join(', ') || <span className="quiet">{t('admin.noLimit')}</span>,
    },
    {
      title: t('admin.onDelay'),
      width: 120,
      align: 'right',
      render: (_, rule) => duration(rule.on_delay_s * 1000),
    },
    {
      title: t('admin.offDelay'),
      width: 120,
      align: 'right',
      render: (_, rule) => duration(rule.off_delay_s * 1000),
    },
    {
      title: t('admin.verify'),
      width: 120,
      align: 'right',
      render: (_, rule) => duration(rule.verify_s * 1000),
    },
    { title: t('admin.state'), width: 90, render: (_, rule) => t(rule.enabled ? 'admin.on' : 'admin.off') },
    {
      title: <span className="only-read-aloud">{t('action.edit')}</span>,
      width: 110,
      render: (_, rule) => mayEdit && <Button onClick={() => onEdit(rule)}>{t('action.edit')}</Button>,
    },
  ];
  return (
    <Desk>
      <Table<Rule>
        rowKey="id"
        columns={columns}
        dataSource={rules}
        pagination={false}
        size="middle"
        scroll={{ x: 1000 }}
      />
    </Desk>
  );
}

/** `> 90` and `< 10`, each once: three phases usually share a limit. */
function limitTexts(condition: Rule['condition']): string[] {
  const texts = limitsOf(condition).flatMap(({ high, low }) => [
    ...(typeof high === 'number' ? [`> ${high}`] : []),
    ...(typeof low === 'number' ? [`< ${low}`] : []),
  ]);
  return [...new Set(texts)];
}
