const PATHS = {
  overview: 'M3 12 12 4l9 8M6 10v10h12V10M10 20v-6h4v6',
  alarm: 'M6 10a6 6 0 1 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7M10 20.5a2.2 2.2 0 0 0 4 0',
  patrol: 'M12 21c4-4.500 6-7.800 6-11a6 6 0 1 0-12 0c0 3.200 2 6.500 6 11M9.500 10l1.800 1.800 3.200-3.300',
  report: 'M4 20h16M6.500 17v-5M12 17V6M17.500 17v-8',
  ticket: 'M5 4h14v16H5zM9 9h6M9 13h6M9 17h3',
  asset: 'M4 8h16v12H4zM8 8V4h8v4M8 14h3M14 12v4',
  rule: 'M4 18h4l4-11 4 7h4M4 21h16',
  admin: 'M4 7h10M18 7h2M4 17h2M10 17h10M16 4.5v5M8 14.5v5',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20a7.5 7.5 0 0 1 15 0',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  down: 'M6 9l6 6 6-6',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 2',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  search: 'M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M15 15l5 5',
  elevator: 'M6 3h12v18H6zM12 3v18M8.3 9l.9-1.5.9 1.5M13.9 7.5l.9 1.5.9-1.5',
  pump: 'M11 8a6 6 0 1 0 0 12 6 6 0 0 0 0-12M11 8h9M11 11.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M20 5.5v5',
  fire_panel:
    'M4 4h16v16H4zM12 7c3 3 3.5 4.5 3.5 6.2A3.5 3.5 0 0 1 12 17a3.5 3.5 0 0 1-3.5-3.8C8.500 11.500 10.500 10.500 12 7z',
  energy_meter: 'M4 5h16v14H4zM12.500 7.500 9.500 12.500h5l-3 4.500',
  zoomOut: 'M10.5 5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M15 15l5 5M8 10.500h5',
  plus: 'M12 5v14M5 12h14',
  globe: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M4 12h16M12 4c4 4.500 4 11.500 0 16M12 4c-4 4.500-4 11.500 0 16',
  message: 'M4 5h16v11H9l-5 4z',
  inbox: 'M4 13h4.500l1.500 3h4l1.500-3H20M4 13l3-8h10l3 8v6H4z',
  help: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M9.700 9.800a2.400 2.400 0 1 1 3.500 2.100c-.8.500-1.200.900-1.200 1.800M12 16.500h.01',
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside a word; it says nothing by itself. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The drawing of a type of asset; a plain machine for types without one. */
export function assetIcon(profile: string): IconName {
  return profile in PATHS ? (profile as IconName) : 'asset';
}
