import type { ReactNode } from 'react';

function Drawing({ size, children }: { size: number; children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export function ScanIcon({ size }: { size: number }) {
  return (
    <Drawing size={size}>
      <path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16" />
    </Drawing>
  );
}

export function SosIcon({ size }: { size: number }) {
  return (
    <Drawing size={size}>
      <path d="M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7.500v5.500M12 16.500h.01" />
    </Drawing>
  );
}

export function CameraIcon({ size }: { size: number }) {
  return (
    <Drawing size={size}>
      <path d="M4 7.500h3.500L9 5h6l1.500 2.500H20V19H4zM12 9.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7" />
    </Drawing>
  );
}
