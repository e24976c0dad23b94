import type { EChartsCoreOption } from 'echarts/core';
import type { Point } from '@/nouns/assets/queries';
import { drawnOf, type History, withGaps } from '@/nouns/points/history';
import { isNumeric, valueText } from '@/nouns/points/reading';
import type { Label } from '@/text/i18n';
import { type Colours, DASHES } from '@/ui/chart/colours';
import { markArea, markLine, tickNumber } from './markings';
import type { AlarmSpan, LimitLine } from './marks';
import { tooltip } from './tooltip';

export interface Track {
  point: Point;
  history: History | undefined;
  limits: LimitLine[];
  spans: AlarmSpan[];
}

export interface Drawing {
  tracks: Track[];
  from: number;
  to: number;
  colours: Colours;
  isPhone: boolean;
  label: (label: Label) => string;
  /** Times of axis and crosshair in the site's zone. */
  time: (at: number) => string;
  tick: (at: number, spanMs: number) => string;
  words: { min: string; max: string; manual: string; suspect: string };
}

const TOP = 34;
const GRID_HEIGHT = 176;
const GRID_GAP = 62;

/** Points of one unit share a grid; each further unit has its own below, under one crosshair. */
export function gridsOf(points: Point[]): string[] {
  return [...new Set(points.map(gridKey))];
}

function gridKey(point: Point): string {
  return isNumeric(point) ? `${point.quantity} ${point.unit ?? ''}` : `${point.key}`;
}

export function chartHeight(grids: number): number {
  return TOP + grids * GRID_HEIGHT + (grids - 1) * GRID_GAP + 36;
}

export function chartOption(drawing: Drawing): EChartsCoreOption {
  const { tracks, colours, isPhone } = drawing;
  const grids = gridsOf(tracks.map((track) => track.point));
  const right = isPhone ? 12 : 24;
  return {
    animation: false,
    textStyle: { fontFamily: colours.font },
    grid: grids.map((_, i) => ({
      left: 62,
      right,
      top: TOP + i * (GRID_HEIGHT + GRID_GAP),
      height: GRID_HEIGHT,
    })),
    axisPointer: { link: [{ xAxisIndex: 'all' }], lineStyle: { color: colours['text-2'] } },
    tooltip: tooltip(drawing),
    xAxis: grids.map((_, i) => timeAxis(drawing, i)),
    yAxis: grids.map((grid, i) =>
      valueAxis(
        drawing,
        tracks.filter((track) => gridKey(track.point) === grid),
        i,
      ),
    ),
    series: tracks.flatMap((track, i) => seriesOf(drawing, track, i, grids.indexOf(gridKey(track.point)))),
  };
}

function timeAxis({ from, to, colours, tick, isPhone }: Drawing, gridIndex: number) {
  return {
    type: 'time',
    gridIndex,
    min: from,
    max: to,
    splitNumber: isPhone ? 3 : 8,
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { lineStyle: { color: colours.line } },
    axisLabel: {
      color: colours['text-2'],
      hideOverlap: true,
      formatter: (at: number) => tick(at, to - from),
    },
    splitLine: { show: false },
  };
}

function valueAxis({ colours, label }: Drawing, tracks: Track[], gridIndex: number) {
  const point = tracks[0]?.point;
  const isState = point !== undefined && !isNumeric(point);
  return {
    type: 'value',
    gridIndex,
    scale: true,
    name: point?.unit ?? '',
    nameTextStyle: { color: colours['text-2'], align: 'right', padding: [0, 6, 0, 0] },
    min: reach(tracks, Math.min, -1),
    max: reach(tracks, Math.max, 1),
    minInterval: isState ? 1 : 0,
    axisLabel: {
      color: colours['text-2'],
      hideOverlap: true,
      width: 54,
      overflow: 'truncate',
      formatter: (value: number) =>
        isState && Number.isInteger(value)
          ? valueText(point, value, label)
          : isState
            ? ''
            : tickNumber(value),
    },
    splitLine: { lineStyle: { color: colours.line } },
  };
}

/** The axis reaches to the limits as well, when they are near enough to be worth showing. */
function reach(tracks: Track[], pick: (...values: number[]) => number, side: 1 | -1) {
  return ({ min, max }: { min: number; max: number }) => {
    const span = max - min || Math.abs(max) || 1;
    const near = tracks
      .flatMap((track) => [...track.limits.map((limit) => limit.value), ...(track.point.normal ?? [])])
      .filter((value) => value > min - span && value < max + span);
    return tickRound(pick(side === 1 ? max : min, ...near) + side * span * 0.06, span);
  };
}

function tickRound(value: number, span: number): number {
  const step = 10 ** Math.floor(Math.log10(span) - 1);
  return Number((Math.round(value / step) * step).toPrecision(10));
}

function seriesOf(drawing: Drawing, track: Track, index: number, grid: number): object[] {
  const { colours, label } = drawing;
  const { point, history } = track;
  if (!history) return [];
  const colour = colours.lines[index % colours.lines.length];
  const common = {
    type: 'line',
    xAxisIndex: grid,
    yAxisIndex: grid,
    symbol: 'none',
    step: isNumeric(point) ? false : 'end',
    silent: true,
  };
  const isBanded = isNumeric(point) && history.samples.some(([, min, max]) => min !== max);
  const band = isBanded ? bandSeries(common, track, colour, index) : [];
  return [
    ...band,
    {
      ...common,
      id: `mean-${point.id}`,
      name: label(point.name),
      data: withDots(withGaps(history, point.interval_s, drawnOf(point))),
      lineStyle: { width: 1.8, color: colour, type: DASHES[index % DASHES.length] },
      itemStyle: { color: colour },
      markArea: markArea(drawing, track),
      markLine: markLine(drawing, track),
      z: 3,
    },
  ];
}

/** Lowest to highest of each bucket, as a pale area behind the mean. */
function bandSeries(
  common: object,
  { point, history }: Track,
  colour: string | undefined,
  index: number,
): object[] {
  if (!history) return [];
  const stacked = {
    ...common,
    stack: `band-${index}`,
    stackStrategy: 'all',
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
  };
  const width = (min: number | null, max: number | null) => (min === null || max === null ? null : max - min);
  return [
    { ...stacked, id: `low-${point.id}`, data: withGaps(history, point.interval_s, ([, min]) => min) },
    {
      ...stacked,
      id: `high-${point.id}`,
      areaStyle: { color: colour, opacity: 0.2 },
      data: withGaps(history, point.interval_s, ([, min, max]) => width(min, max)),
    },
  ];
}

type Sample = [number, number | null];

/** A sample alone between two gaps is no line; it is drawn as a dot. */
function withDots(line: Sample[]): (Sample | { value: Sample; symbol: string; symbolSize: number })[] {
  const isNone = (sample: Sample | undefined) => !sample || sample[1] === null;
  return line.map((sample, i) =>
    !isNone(sample) && isNone(line[i - 1]) && isNone(line[i + 1])
      ? { value: sample, symbol: 'circle', symbolSize: 4 }
      : sample,
  );
}
