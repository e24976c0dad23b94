import type { EChartsType } from 'echarts/core';
import { type PointerEvent, type ReactNode, type RefObject, useRef, useState } from 'react';
import styles from './DragZoom.module.css';

interface Props {
  chart: RefObject<EChartsType | null>;
  onZoom: (from: number, to: number) => void;
  children: ReactNode;
}

const SHORTEST_DRAG_PX = 8;

/** Drag with the mouse over the chart to look closer. Fingers scroll the page and use the range buttons. */
export function DragZoom({ chart, onZoom, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ start: number; end: number } | null>(null);
  const place = (event: PointerEvent) => event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
  const down = (event: PointerEvent) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    box.current?.setPointerCapture(event.pointerId);
    setDrag({ start: place(event), end: place(event) });
  };
  const move = (event: PointerEvent) => setDrag((now) => now && { ...now, end: place(event) });
  const up = () => {
    setDrag(null);
    if (!drag || !chart.current || Math.abs(drag.end - drag.start) < SHORTEST_DRAG_PX) return;
    const times = [drag.start, drag.end]
      .map((x) => Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x)))
      .sort((a, b) => a - b);
    const [from, to] = times;
    if (from !== undefined && to !== undefined && Number.isFinite(to - from)) onZoom(from, to);
  };
  const isDrawn = drag && Math.abs(drag.end - drag.start) >= SHORTEST_DRAG_PX;
  return (
    <div
      ref={box}
      className={styles.box}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => setDrag(null)}
    >
      {children}
      {isDrawn && (
        <div
          className={styles.picked}
          style={{ left: Math.min(drag.start, drag.end), width: Math.abs(drag.end - drag.start) }}
        />
      )}
    </div>
  );
}
