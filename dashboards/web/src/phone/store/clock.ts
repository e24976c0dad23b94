/** New at each start of the app. */
export const BOOT = globalThis.crypto?.randomUUID?.() ?? '';

export interface Instant {
  wall_ms: number;
  mono_ms: number;
  boot: string;
}

/** Both clocks at once: the one that people can set, and the one since the app was started. */
export function instant(): Instant {
  return { wall_ms: Date.now(), mono_ms: Math.round(performance.now()), boot: BOOT };
}
