import { QUALITY } from '@/live/store';
import type { Point } from '@/nouns/assets/queries';
import type { History } from '@/nouns/points/history';
import { isNumeric, valueText } from '@/nouns/points/reading';
import type { Drawing, Track } from './option';

interface Hovered {
  seriesId: string;
  marker: string;
  axisValue: number;
}

/** Under the crosshair: each point at that moment, with the extremes of its bucket. */
export function tooltip({ tracks, colours, label, time, words }: Drawing) {
  const rows = new Map(tracks.map((track) => [`mean-${track.point.id}`, track]));
  const formatter = (hovered: Hovered[]) => {
    const at = hovered[0]?.axisValue;
    if (at === undefined) return '';
    const lines = hovered.flatMap(({ seriesId, marker }) => {
      const track = rows.get(seriesId);
      const sample = track && nearest(track, at);
      return track && sample ? [marker + sampleText(track.point, sample, label, words)] : [];
    });
    return [`<b>${time(at)}</b>`, ...lines].join('<br>');
  };
  return {
    trigger: 'axis',
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.line,
    textStyle: { color: colours.text, fontSize: 12.5 },
    formatter,
  };
}

function nearest({ history }: Track, at: number): History['samples'][number] | undefined {
  const samples = history?.samples ?? [];
  let low = 0;
  let high = samples.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.[0] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [samples[low - 1], samples[low]];
  if (!before || !after) return after ?? before;
  return at - before[0] < after[0] - at ? before : after;
}

function sampleText(
  point: Point,
  sample: History['samples'][number],
  label: Drawing['label'],
  words: Drawing['words'],
): string {
  const [, min, max, mean, last, , quality] = sample;
  const text = (value: number | string | null) =>
    valueText(point, value, label) + (point.unit ? ` ${point.unit}` : '');
  const spread =
    isNumeric(point) && min !== max
      ? ` <small>(${words.min} ${text(min)}, ${words.max} ${text(max)})</small>`
      : '';
  const remark = quality === QUALITY.manual ? words.manual : quality === QUALITY.suspect ? words.suspect : '';
  const shown = escapeHtml(text(isNumeric(point) ? (mean ?? last) : last));
  return `${escapeHtml(label(point.name))}: <b>${shown}</b>${spread}${remark && ` <small>(${remark})</small>`}`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Names come from people; the tooltip is HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
