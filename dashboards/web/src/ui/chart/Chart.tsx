import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useEffect, useRef } from 'react';
import { initChart } from './echarts';

interface Props {
  option: EChartsCoreOption;
  height: number;
  /** What is drawn, for those who cannot see it. */
  label: string;
  onReady?: (chart: EChartsType | null) => void;
}

/** ECharts in a box of its own: follows its size, is disposed of with it. */
export function Chart({ option, height, label, onReady }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const ready = useRef(onReady);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const made = initChart(element);
    chart.current = made;
    ready.current?.(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
      ready.current?.(null);
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true });
  }, [option]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box has its new height only after the render.
  useEffect(() => {
    chart.current?.resize();
  }, [height]);
  return <div ref={box} role="img" aria-label={label} style={{ height, touchAction: 'pan-y' }} />;
}
