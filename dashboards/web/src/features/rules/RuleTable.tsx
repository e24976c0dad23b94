import Table, { type ColumnsType } from 'antd/es/table';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useProfiles } from '@/nouns/assets/queries';
import type { Rule } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Desk } from '@/ui/desk/Desk';
import { SeverityMark } from '@/ui/SeverityMark';
import { Said } from './RuleList';
import styles from './Rules.module.css';
import { MOST_TOGETHER } from './SetBacktest';
import { PAGE } from './useRuleRows';

interface TableProps {
  rules: Rule[];
  total: number;
  offset: number;
  onPage: (offset: number) => void;
  /** Those that are chosen on any page, all of one type. */
  set: Rule[];
  onChoose: ((rules: Rule[]) => void) | undefined;
}

export function RuleTable({ rules, total, offset, onPage, set, onChoose }: TableProps) {
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
            {rule.problem && <div>{label(rule.problem)}</div>}
            <div className="quiet small">
              {rule.asset ? label(rule.asset.name) : type ? label(type) : rule.profile}
            </div>
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
  const isChosen = (rule: Rule) => set.some((one) => one.id === rule.id);
  const mayChoose = (rule: Rule) =>
    isChosen(rule) || (set.length < MOST_TOGETHER && set.every((one) => one.profile === rule.profile));
  return (
    <Desk>
      <Table<Rule>
        rowKey="id"
        columns={columns}
        dataSource={rules}
        pagination={{
          total,
          pageSize: PAGE,
          current: Math.floor(offset / PAGE) + 1,
          showSizeChanger: false,
          hideOnSinglePage: true,
          showTotal: (count, [from, to]) => t('rules.shown', { from, to, total: count }),
          onChange: (page) => onPage((page - 1) * PAGE),
        }}
        size="middle"
        scroll={{ x: 900 }}
        rowSelection={
          onChoose && {
            hideSelectAll: true,
            columnTitle: <span className="only-read-aloud">{t('rules.set.chosen')}</span>,
            selectedRowKeys: set.map((rule) => rule.id),
            onSelect: (rule) =>
              onChoose(isChosen(rule) ? set.filter((one) => one.id !== rule.id) : [...set, rule]),
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
