import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { AssetDetail } from '@/nouns/assets/queries';
import { useFormat } from '@/text/format';
import { Waiting } from '@/ui/Loaded';
import { Panel } from '@/ui/Panel';
import { Segmented } from '@/ui/Segmented';
import { usePointAlarms } from '../pointAlarms';
import { defaultPoints } from './defaultPoints';
import styles from './HistoryPanel.module.css';
import { PointPicker } from './PointPicker';
import { RangeFields } from './RangeFields';
import { QUICK_RANGES, type QuickRange, useRange } from './range';
import { useChosenPoints } from './useChosenPoints';

const HistoryChart = lazy(async () => ({ default: (await import('./HistoryChart')).HistoryChart }));

const OPTIONS = Object.keys(QUICK_RANGES) as QuickRange[];

export function HistoryPanel({ asset }: { asset: AssetDetail }) {
  const { t } = useTranslation();
  const { time } = useFormat();
  const { range, pick, pickQuick } = useRange();
  const chosen = useChosenPoints(asset);
  const alarmed = usePointAlarms();
  const points = useMemo(
    () => (chosen.points.length ? chosen.points : defaultPoints(asset, alarmed)),
    [chosen.points, asset, alarmed],
  );
  return (
    <Panel
      title={t('chart.title')}
      actions={
        <Segmented
          label={t('chart.range')}
          value={range.quick}
          options={OPTIONS.map((value) => ({ value, label: t(`chart.quick.${value}`) }))}
          onPick={pickQuick}
        />
      }
    >
      <div className={styles.tools}>
        <PointPicker asset={asset} shown={points} onToggle={chosen.toggle} />
        <RangeFields range={range} onPick={pick} />
      </div>
      <p className="quiet small">
        {time(range.from)} – {time(range.to)} · {t('chart.zoomHint')}
      </p>
      <Suspense fallback={<Waiting lines={5} />}>
        <HistoryChart asset={asset} points={points} range={range} onZoom={pick} />
      </Suspense>
    </Panel>
  );
}
