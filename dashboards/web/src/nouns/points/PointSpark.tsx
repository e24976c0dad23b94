import { useEffect, useRef, useState } from 'react';
import type { Point } from '@/nouns/assets/queries';
import { Sparkline } from '@/ui/Sparkline';
import { useLastHour } from './history';

/** The last hour of a point; asked for once it is scrolled into sight. */
export function PointSpark({ point, width, height }: { point: Point; width?: number; height?: number }) {
  const box = useRef<HTMLSpanElement>(null);
  const isSeen = useSeen(box);
  const { samples, from, to } = useLastHour(point, isSeen);
  return (
    <span ref={box} style={{ display: 'block', minHeight: height ?? 32 }}>
      <Sparkline samples={samples} from={from} to={to} normal={point.normal} width={width} height={height} />
    </span>
  );
}

function useSeen(box: React.RefObject<Element | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        setSeen(true);
        observer.disconnect();
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return isSeen;
}
