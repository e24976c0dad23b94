import { useMemo } from 'react';
import { useTheme } from '@/ui/theme';

const NAMES = [
  'surface',
  'sunken',
  'line',
  'line-strong',
  'text',
  'text-2',
  'accent',
  'equipment-fill',
  'critical',
  'high',
  'medium',
  'low',
] as const;
export type Colours = Record<(typeof NAMES)[number], string> & { lines: string[]; font: string };

/** Lines of a chart: none of them is an alarm's colour. Their dashes differ as well. */
const LINES = {
  light: ['#0d6569', '#7a3fb0', '#4d5a63', '#a3266f', '#6b5b2e'],
  dark: ['#62bfbd', '#c79bf2', '#c3ccd2', '#f29ac8', '#cdbb86'],
};
export const DASHES = ['solid', [7, 3], [2, 2], [10, 3, 2, 3], [4, 4]] as const;

/** The page's colours for a canvas, which cannot read CSS variables. */
export function useColours(): Colours {
  const theme = useTheme();
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const read = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    return {
      ...(read as Record<(typeof NAMES)[number], string>),
      lines: LINES[theme],
      font: style.getPropertyValue('--font'),
    };
  }, [theme]);
}
