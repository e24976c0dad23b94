import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Chart } from '@/ui/chart/Chart';
import { useColours } from '@/ui/chart/colours';
import { useIsPhone } from '@/ui/screen';
import './drawing';
import type { Group } from './queries';
import styles from './Reports.module.css';
import { drawn, percent } from './shares';

const BAR = 34;
const SHOWN = 30;

/** One bar a group, the worst first: on time, late and missed make up what was due. */
export function Bars({ groups }: { groups: Group[] }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  const colours = useColours();
  const isPhone = useIsPhone();
  const rows = useMemo(
    () =>
      groups
        .filter((group) => group.rates.due > 0)
        .sort((a, b) => (a.rates.completion ?? 0) - (b.rates.completion ?? 0))
        .map((group) => ({
          key: group.key,
          name: group.name ? label(group.name) : group.key,
          rates: group.rates,
        })),
    [groups, label],
  );
  const shown = rows.slice(0, SHOWN);
  const option = useMemo(() => {
    const quiet = { color: colours['text-2'], fontFamily: colours.font };
    const parts = [
      { fill: colours['text-2'], line: colours['text-2'], of: (row: Row) => row.rates.on_time },
      {
        fill: colours['line-strong'],
        line: colours['line-strong'],
        of: (row: Row) => (row.rates.completion ?? 0) - (row.rates.on_time ?? 0),
      },
      { fill: 'transparent', line: colours.text, of: (row: Row) => row.rates.missed },
    ];
    return {
      animation: false,
      grid: { left: isPhone ? 100 : 150, right: 66, top: 4, bottom: 24 },
      xAxis: {
        type: 'value',
        min: 0,
        max: 100,
        interval: isPhone ? 50 : 25,
        axisLabel: { ...quiet, formatter: '{value} %' },
        splitLine: { lineStyle: { color: colours.line } },
      },
      yAxis: [
        {
          type: 'category',
          inverse: true,
          data: shown.map((row) => row.name),
          axisLabel: { ...quiet, interval: 0, width: isPhone ? 88 : 138, overflow: 'break', lineHeight: 14 },
          axisTick: { show: false },
          axisLine: { show: false },
        },
        {
          type: 'category',
          inverse: true,
          data: shown.map((row) => percent(row.rates.completion)),
          axisLabel: { ...quiet, interval: 0, color: colours.text },
          axisTick: { show: false },
          axisLine: { show: false },
        },
      ],
      series: parts.map((part) => ({
        type: 'bar',
        stack: 'due',
        silent: true,
        barWidth: 14,
        itemStyle: { color: part.fill, borderColor: part.line, borderWidth: 1 },
        data: shown.map((row) => drawn(part.of(row))),
      })),
    };
  }, [shown, colours, isPhone]);
  if (!rows.length) return <p className="quiet">{t('reports.nobody')}</p>;
  return (
    <figure className={styles.picture}>
      <Chart
        option={option}
        height={shown.length * BAR + 28}
        label={shown.map((row) => `${row.name}: ${percent(row.rates.completion)}`).join('; ')}
      />
      <figcaption className={styles.legend}>
        <span className={styles.onTime}>{t('reports.part.onTime')}</span>
        <span className={styles.late}>{t('reports.part.late')}</span>
        <span className={styles.missed}>{t('reports.part.missed')}</span>
        <span>{t('reports.right')}</span>
        {rows.length > SHOWN && <span>{t('reports.worst', { shown: SHOWN, count: rows.length })}</span>}
      </figcaption>
    </figure>
  );
}

type Row = { key: string; name: string; rates: Group['rates'] };
