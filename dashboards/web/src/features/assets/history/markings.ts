import { isNumeric } from '@/nouns/points/reading';
import type { Drawing, Track } from './option';

/** A number as an axis writes it. */
export function tickNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** The normal band behind the line, and the time an alarm stood. */
export function markArea({ colours, from, to }: Drawing, { point, spans }: Track) {
  const normal = point.normal && isNumeric(point) && point.normal[0] < point.normal[1] ? point.normal : null;
  return {
    silent: true,
    data: [
      ...(normal
        ? [
            [
              { yAxis: normal[0], itemStyle: { color: colours['equipment-fill'], opacity: 0.38 } },
              { yAxis: normal[1] },
            ],
          ]
        : []),
      ...spans.map((span) => [
        { xAxis: Math.max(span.from, from), itemStyle: { color: colours[span.severity], opacity: 0.13 } },
        { xAxis: Math.min(span.to, to) },
      ]),
    ],
  };
}

/** The limits of the rules, and the moment an alarm was raised. */
export function markLine({ colours, from, label }: Drawing, { limits, spans }: Track) {
  return {
    silent: true,
    symbol: 'none',
    data: [
      ...limits.map((limit) => ({
        yAxis: limit.value,
        lineStyle: { color: colours[limit.severity], type: 'dashed', width: 1.5 },
        label: {
          formatter: `${label(limit.name)} ${tickNumber(limit.value)}`,
          position: 'insideEndTop',
          color: colours.text,
          fontSize: 11,
        },
      })),
      ...spans
        .filter((span) => span.from >= from)
        .map((span) => ({
          xAxis: span.from,
          symbol: 'none',
          lineStyle: { color: colours[span.severity], type: 'solid', width: 2 },
          label: { formatter: label(span.name), position: 'end', color: colours.text, fontSize: 11 },
        })),
    ],
  };
}
