import { useEffect, useSyncExternalStore } from 'react';

const PHONE = '(max-width: 767px)';

function watchWidth(watcher: () => void) {
  const media = window.matchMedia(PHONE);
  media.addEventListener('change', watcher);
  return () => media.removeEventListener('change', watcher);
}

/** Whether the screen is as narrow as a phone's. */
export function useIsPhone(): boolean {
  return useSyncExternalStore(watchWidth, () => window.matchMedia(PHONE).matches);
}

/** The title of the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Plantroom` : 'Plantroom';
  }, [title]);
}
