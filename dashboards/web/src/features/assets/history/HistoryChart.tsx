import { useQueries } from '@tanstack/react-query';
import dayjs from 'dayjs';
import type { EChartsType } from 'echarts/core';
import { useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useAlarms } from '@/nouns/alarms/queries';
import type { AssetDetail, Point } from '@/nouns/assets/queries';
import { type History, historyQuery } from '@/nouns/points/history';
import { useRulesOf } from '@/nouns/rules/queries';
import { useFormat } from '@/text/format';
import { Chart } from '@/ui/chart/Chart';
import { useColours } from '@/ui/chart/colours';
import { Failure } from '@/ui/Failure';
import { useIsPhone } from '@/ui/screen';
import { DragZoom } from './DragZoom';
import styles from './HistoryPanel.module.css';
import { alarmSpans, limitLines } from './marks';
import { chartHeight, chartOption, gridsOf } from './option';
import type { Range } from './range';

interface Props {
  asset: AssetDetail;
  points: Point[];
  range: Range;
  onZoom: (from: number, to: number) => void;
}

/** Enough for a day in minutes; the server takes the finest resolution that fits. */
const SAMPLES = 1500;
const DAY_MS = 86_400_000;

export function HistoryChart({ asset, points, range, onZoom }: Props) {
  const { t } = useTranslation();
  const { label, time, zone, language } = useFormat();
  const colours = useColours();
  const isPhone = useIsPhone();
  const chart = useRef<EChartsType | null>(null);
  const rules = useRulesOf(asset.id).data;
  const alarms = useAlarms({ state: 'all', asset: asset.id, limit: 100 }).data?.items;
  const { histories, error, isFetching, retry } = useHistories(points, range);
  const option = useMemo(
    () =>
      chartOption({
        tracks: points.map((point, i) => ({
          point,
          history: histories[i],
          limits: limitLines(rules ?? [], point),
          spans: alarmSpans(alarms ?? [], point.id, range.from, range.to),
        })),
        from: range.from,
        to: range.to,
        colours,
        isPhone,
        label: (text) => text[language] || text.en,
        time: (at) => dayjs(at).tz(zone).format('YYYY-MM-DD HH:mm:ss'),
        tick: (at, span) =>
          dayjs(at)
            .tz(zone)
            .format(span > 2 * DAY_MS ? 'MM-DD' : span > DAY_MS ? 'MM-DD HH:mm' : 'HH:mm'),
        words: {
          min: t('chart.min'),
          max: t('chart.max'),
          manual: t('value.manual'),
          suspect: t('value.suspect'),
        },
      }),
    [points, histories, rules, alarms, range, colours, isPhone, language, zone, t],
  );
  const isNone =
    histories.length > 0 && histories.every((history) => history && history.samples.length === 0);
  const names = points.map((point) => label(point.name)).join(', ');
  return (
    <div className={isFetching ? styles.fetching : undefined}>
      {error && <Failure error={error} onRetry={retry} isKept={histories.some(Boolean)} />}
      <div className={styles.drawing}>
        <DragZoom chart={chart} onZoom={onZoom}>
          <Chart
            option={option}
            height={chartHeight(gridsOf(points).length)}
            label={t('chart.label', { points: names, from: time(range.from), to: time(range.to) })}
            onReady={(made) => {
              chart.current = made;
            }}
          />
        </DragZoom>
        {isNone && <p className={styles.none}>{t('chart.none')}</p>}
      </div>
    </div>
  );
}

/** The histories in the points' order; what was drawn before stays until the new range is there. */
function useHistories(points: Point[], range: Range) {
  const kept = useRef(new Map<number, History>());
  return useQueries({
    queries: points.map((point) => ({ ...historyQuery(point.id, range.from, range.to, SAMPLES) })),
    combine: (queries) => {
      queries.forEach((query, i) => {
        const point = points[i];
        if (point && query.data) kept.current.set(point.id, query.data);
      });
      return {
        histories: queries.map((query, i) => query.data ?? kept.current.get(points[i]?.id ?? 0)),
        error: queries.find((query) => query.error)?.error ?? null,
        isFetching: queries.some((query) => query.isPending),
        retry: () => queries.forEach((query) => void query.refetch()),
      };
    },
  });
}
