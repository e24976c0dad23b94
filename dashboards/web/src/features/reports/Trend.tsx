import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Chart } from '@/ui/chart/Chart';
import { DASHES, useColours } from '@/ui/chart/colours';
import { useIsPhone } from '@/ui/screen';
import type { Group } from './queries';
import styles from './Reports.module.css';
import { drawn, percent } from './shares';

const HEIGHT = 240;
const LINES = ['completion', 'on_time', 'missed'] as const;
const SYMBOLS = ['circle', 'rect', 'emptyCircle'];

/** Completion, on time and missed over months; a month without rounds is a gap, not a zero. */
export function Trend({ months, groups }: { months: string[]; groups: Group[] }) {
  const { t } = useTranslation();
  const colours = useColours();
  const isPhone = useIsPhone();
  const option = useMemo(() => {
    const rates = new Map(groups.map((group) => [group.key, group.rates]));
    const quiet = { color: colours['text-2'], fontFamily: colours.font };
    return {
      animation: false,
      grid: { left: 52, right: 20, top: 14, bottom: 28 },
      tooltip: {
        trigger: 'axis',
        confine: true,
        valueFormatter: (value: number | null) => (typeof value === 'number' ? `${value} %` : '—'),
      },
      xAxis: {
        type: 'category',
        data: months,
        axisLabel: { ...quiet, hideOverlap: true, interval: isPhone ? 'auto' : 0 },
        axisTick: { show: false },
      },
      yAxis: {
        type: 'value',
        min: 0,
        max: 100,
        interval: 25,
        axisLabel: { ...quiet, formatter: '{value} %' },
        splitLine: { lineStyle: { color: colours.line } },
      },
      series: LINES.map((key, index) => ({
        type: 'line',
        name: t(`reports.figure.${key}`),
        symbol: SYMBOLS[index],
        symbolSize: 8,
        itemStyle: { color: colours.lines[index] },
        lineStyle: { width: 2, color: colours.lines[index], type: DASHES[index] },
        data: months.map((month) => drawn(rates.get(month)?.[key] ?? null)),
      })),
    };
  }, [months, groups, colours, isPhone, t]);
  const said = groups.map((group) => `${group.key}: ${percent(group.rates.completion)}`).join('; ');
  return (
    <figure className={styles.picture}>
      <Chart option={option} height={HEIGHT} label={`${t('reports.trend')}: ${said}`} />
      <figcaption className={styles.legend}>
        {LINES.map((key, index) => (
          <span key={key} className={styles.line}>
            <svg width="30" height="12" aria-hidden="true">
              <line
                x1="0"
                x2="30"
                y1="6"
                y2="6"
                stroke={colours.lines[index]}
                strokeWidth="2"
                strokeDasharray={index === 0 ? undefined : String(DASHES[index])}
              />
            </svg>
            {t(`reports.figure.${key}`)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
