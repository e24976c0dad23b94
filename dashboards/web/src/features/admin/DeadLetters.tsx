import Table, { type ColumnsType } from 'antd/es/table';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { number, useFormat } from '@/text/format';
import { Desk } from '@/ui/desk/Desk';
import { Choice } from '@/ui/Field';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { More } from '@/ui/More';
import { Panel } from '@/ui/Panel';
import { SearchField } from '@/ui/SearchField';
import styles from './AdminPage.module.css';
import { type DeadLetter, useDeadLetters } from './queries';

const REASONS = [
  'not_json',
  'wrong_type',
  'not_finite',
  'too_large',
  'too_deep',
  'wrong_topic',
  'bad_timestamp',
  'future_timestamp',
  'ancient_timestamp',
  'unknown_device',
  'unknown_point',
  'rejected_by_store',
] as const;

/** What could not become readings, kept whole: why, from which topic, and the payload itself. */
export function DeadLetters() {
  const { t } = useTranslation();
  const [reason, setReason] = useState<string>('');
  const [device, setDevice] = useState('');
  const query = useDeadLetters(reason);
  const letters = (query.data?.pages.flatMap((page) => page.items) ?? []).filter((letter) =>
    letter.topic.toLowerCase().includes(device.toLowerCase()),
  );
  const options = [
    { value: '', label: t('admin.anyReason') },
    ...REASONS.map((value) => ({ value, label: t(`admin.reason.${value}`) })),
  ];
  return (
    <>
      <div className={layout.tools}>
        <Choice label={t('admin.why')} isCompact value={reason} options={options} onPick={setReason} />
        <SearchField label={t('admin.searchTopic')} value={device} onSearch={setDevice} />
        <span className="quiet">{t('admin.letters', { count: query.data?.pages[0]?.total ?? 0 })}</span>
      </div>
      <Panel isFlush>
        <Loaded
          query={query}
          lines={8}
          isEmpty={() => letters.length === 0}
          empty={<Empty title={t('admin.noLetters')}>{t('admin.noLettersHint')}</Empty>}
        >
          {() => <LetterTable letters={letters} />}
        </Loaded>
        <More query={query} />
      </Panel>
    </>
  );
}

function LetterTable({ letters }: { letters: DeadLetter[] }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const columns: ColumnsType<DeadLetter> = [
    {
      title: t('admin.at'),
      width: 180,
      render: (_, letter) => <span className="nowrap">{time(letter.at)}</span>,
    },
    {
      title: t('admin.why'),
      width: 240,
      render: (_, letter) => {
        const known = REASONS.find((reason) => reason === letter.reason);
        return (
          <>
            <strong>{known ? t(`admin.reason.${known}`) : letter.reason}</strong>
            <div className="quiet small">{letter.detail}</div>
          </>
        );
      },
    },
    {
      title: t('admin.from'),
      width: 280,
      render: (_, letter) => (
        <>
          {letter.topic}
          <div className="quiet small">{letter.gateway}</div>
        </>
      ),
    },
    {
      title: t('admin.payload'),
      render: (_, letter) => (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long payloads scroll, by keyboard too. */}
          <pre className={styles.payload} tabIndex={0}>
            {letter.payload}
          </pre>
          <span className="quiet small">{t('admin.bytes', { size: number(letter.size, 0) })}</span>
        </>
      ),
    },
  ];
  return (
    <Desk>
      <Table<DeadLetter>
        rowKey="id"
        columns={columns}
        dataSource={letters}
        pagination={false}
        size="middle"
        scroll={{ x: 1000 }}
      />
    </Desk>
  );
}
