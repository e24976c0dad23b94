import { useQueries } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Point } from '@/nouns/assets/queries';
import { drawnOf, historyQuery, withGaps } from '@/nouns/points/history';
import { useFormat } from '@/text/format';
import { Chart } from '@/ui/chart/Chart';
import { type Colours, DASHES, useColours } from '@/ui/chart/colours';
import { useIsPhone } from '@/ui/screen';
import type { Run, Variant } from './queries';

const SAMPLES = 800;
const MOST_LINES = 4;
const LINES_HEIGHT = 190;
const LANE_HEIGHT = 26;

/** The points that the rule looks at, and below them when it would have been in alarm. */
export function BacktestChart({ run, points }: { run: Run; points: Point[] }) {
  const { t } = useTranslation();
  const { label, zone, time } = useFormat();
  const colours = useColours();
  const isPhone = useIsPhone();
  const from = Date.parse(run.begin_at);
  const to = Date.parse(run.end_at);
  const keys = new Set((run.result?.points ?? []).map((point) => point.key));
  const drawn = points.filter((point) => keys.has(point.key)).slice(0, MOST_LINES);
  const variants = run.result?.variants ?? [];
  const histories = useQueries({
    queries: drawn.map((point) => historyQuery(point.id, from, to, SAMPLES)),
    combine: (queries) => queries.map((query) => query.data),
  });
  const option = useMemo(() => {
    const tick = (at: number) =>
      dayjs(at)
        .tz(zone)
        .format(to - from > 2 * 86_400_000 ? 'MM-DD' : 'HH:mm');
    const axis = { type: 'time', min: from, max: to, splitNumber: isPhone ? 3 : 6 };
    const quiet = { color: colours['text-2'] };
    const left = isPhone ? 70 : 92;
    return {
      animation: false,
      textStyle: { fontFamily: colours.font },
      grid: [
        { left, right: 14, top: 26, height: LINES_HEIGHT },
        { left, right: 14, top: LINES_HEIGHT + 60, height: LANE_HEIGHT * variants.length },
      ],
      xAxis: [
        { ...axis, gridIndex: 0, axisLabel: { ...quiet, hideOverlap: true, formatter: tick } },
        { ...axis, gridIndex: 1, axisLabel: { show: false }, axisTick: { show: false } },
      ],
      yAxis: [
        {
          type: 'value',
          scale: true,
          gridIndex: 0,
          name: [...new Set(drawn.map((point) => point.unit ?? ''))].join(' '),
          nameTextStyle: quiet,
          axisLabel: quiet,
          splitLine: { lineStyle: { color: colours.line } },
        },
        {
          type: 'category',
          gridIndex: 1,
          inverse: true,
          data: variants.map((one) => t(`rules.which.${one.which}`)),
          axisLabel: { ...quiet, interval: 0, width: left - 12, overflow: 'truncate' },
          axisTick: { show: false },
        },
      ],
      series: [
        ...drawn.map((point, index) => ({
          type: 'line',
          name: label(point.name),
          symbol: 'none',
          silent: true,
          step: point.kind === 'analog' || point.kind === 'counter' ? false : 'end',
          lineStyle: { width: 1.4, color: colours.lines[index], type: DASHES[index] },
          data: histories[index] ? withGaps(histories[index], point.interval_s, drawnOf(point)) : [],
        })),
        ...variants.map((one, index) => lane(one, index, to, colours)),
      ],
    };
  }, [drawn, histories, variants, from, to, colours, isPhone, zone, label, t]);
  const names = drawn.map((point) => label(point.name)).join(', ');
  return (
    <figure style={{ margin: 0 }}>
      <Chart
        option={option}
        height={LINES_HEIGHT + 76 + LANE_HEIGHT * variants.length}
        label={t('chart.label', { points: names, from: time(from), to: time(to) })}
      />
      <figcaption className="quiet small">{names}</figcaption>
    </figure>
  );
}

/** One row of bars: from each raising to its end. */
function lane(variant: Variant, index: number, end: number, colours: Colours) {
  return {
    type: 'line',
    xAxisIndex: 1,
    yAxisIndex: 1,
    symbol: 'none',
    silent: true,
    lineStyle: { width: 12, color: index === 0 ? colours['text-2'] : colours.accent, cap: 'butt' },
    data: variant.alarms.flatMap((alarm) => {
      const stop = alarm.end ? Date.parse(alarm.end) : end;
      return [
        [Date.parse(alarm.start), index],
        [stop, index],
        [stop + 1, null],
      ];
    }),
  };
}
