import Table, { type ColumnsType } from 'antd/es/table';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '@/live/clock';
import { AlarmState } from '@/nouns/alarms/AlarmState';
import { Availability } from '@/nouns/alarms/Availability';
import { FactSummary } from '@/nouns/alarms/FactSummary';
import { type Alarm, isUnseen } from '@/nouns/alarms/queries';
import { useFormat } from '@/text/format';
import { Desk } from '@/ui/desk/Desk';
import { SeverityMark } from '@/ui/SeverityMark';
import styles from './AlarmsPage.module.css';

/** Above this many rows only those in sight are drawn. */
const MOST_PLAIN = 200;

interface Props {
  alarms: Alarm[];
  picked: number[];
  onPick: ((ids: number[]) => void) | undefined;
  onOpen: (alarm: Alarm) => void;
}

export function AlarmTable({ alarms, picked, onPick, onOpen }: Props) {
  const { t } = useTranslation();
  const isLong = alarms.length > MOST_PLAIN;
  return (
    <Desk>
      <Table<Alarm>
        rowKey="id"
        columns={useColumns(onOpen)}
        dataSource={alarms}
        pagination={false}
        size="middle"
        {...(isLong && { virtual: true, scroll: { y: 720, x: 1200 } })}
        rowSelection={
          onPick && {
            // The hidden row that measures a virtual table would hold a second box for all.
            hideSelectAll: isLong,
            selectedRowKeys: picked,
            onChange: (keys) => onPick(keys.map(Number)),
            getCheckboxProps: (alarm) => ({
              'aria-label': t('alarm.pick', { alarm: alarm.id }),
            }),
          }
        }
      />
    </Desk>
  );
}

function useColumns(onOpen: Props['onOpen']): ColumnsType<Alarm> {
  const { t } = useTranslation();
  const { label, time } = useFormat();
  return [
    {
      title: t('alarm.severity'),
      width: 110,
      render: (_, alarm) => <SeverityMark severity={alarm.severity} isHollow={!isUnseen(alarm)} />,
    },
    {
      title: t('alarm.what'),
      render: (_, alarm) => (
        <>
          <button type="button" className={styles.rule} onClick={() => onOpen(alarm)}>
            {label(alarm.rule.name)}
          </button>
          <br />
          <Link to={`/assets/${alarm.asset.id}`}>{label(alarm.asset.name)}</Link>
        </>
      ),
    },
    {
      title: t('alarm.value'),
      render: (_, alarm) => <FactSummary facts={alarm.facts} />,
    },
    { title: t('alarm.state'), width: 190, render: (_, alarm) => <States alarm={alarm} /> },
    {
      title: t('alarm.age'),
      width: 110,
      render: (_, alarm) => (
        <span title={time(alarm.raised_at)}>
          <Age since={alarm.raised_at} />
        </span>
      ),
    },
    { title: t('alarm.times'), align: 'right', width: 80, render: (_, alarm) => alarm.occurrences },
    {
      title: t('alarm.seenBy'),
      width: 150,
      render: (_, alarm) =>
        alarm.acknowledged_at && <span title={time(alarm.acknowledged_at)}>{alarm.acknowledged_by}</span>,
    },
    {
      title: t('alarm.ticket'),
      width: 90,
      render: (_, alarm) =>
        alarm.ticket_id !== null && <Link to={`/tickets/${alarm.ticket_id}`}>{t('alarm.openTicket')}</Link>,
    },
  ];
}

function States({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  return (
    <>
      <AlarmState alarm={alarm} /> <Availability alarm={alarm} />
      {(alarm.stale || alarm.chattering) && (
        <span className="quiet small">
          {' '}
          {[alarm.stale && t('alarm.stale'), alarm.chattering && t('alarm.chattering')]
            .filter(Boolean)
            .join(' · ')}
        </span>
      )}
    </>
  );
}

/** Alone in its component, so that the clock does not draw the whole table each second. */
function Age({ since }: { since: string }) {
  const { duration } = useFormat();
  return <>{duration(useNow() - Date.parse(since))}</>;
}
