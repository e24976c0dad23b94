import { useEffect, useState } from 'react';

export interface StorageState {
  /** The browser promised not to throw our data away by itself. */
  isPersistent: boolean;
  used: number;
  room: number;
}

const NEARLY_FULL = 0.9;

async function look(): Promise<StorageState> {
  const isPersistent = (await navigator.storage?.persisted?.()) ?? false;
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  return { isPersistent, used: usage, room: quota };
}

/** Ask the browser to keep our data; it may say no, and the person is told so. */
export async function askToPersist(): Promise<boolean> {
  if (await navigator.storage?.persisted?.()) return true;
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}

export function isNearlyFull(state: StorageState): boolean {
  return state.room > 0 && state.used / state.room > NEARLY_FULL;
}

/** How safe and how full the phone's storage is; asks for persistence once. */
export function useStorageState(): StorageState | null {
  const [state, setState] = useState<StorageState | null>(null);
  useEffect(() => {
    let isGone = false;
    void askToPersist()
      .then(look)
      .then((found) => !isGone && setState(found))
      .catch(() => undefined);
    return () => {
      isGone = true;
    };
  }, []);
  return state;
}
