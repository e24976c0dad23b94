import type { Place } from '../store/chain';

const POLL_MS = 100;
const OLDEST_MS = 10 * 60_000;

let last: { place: Omit<Place, 'age_ms'>; mono_ms: number } | null = null;
let watchId: number | null = null;
let isRefused = false;

/** What the place is followed for; nothing else may ask. */
type Why = 'round' | 'sos';

const wanted = new Set<Why>();

/** Follow the place. Only while a round is walked, or for an SOS. */
export function followPlace(why: Why): void {
  wanted.add(why);
  if (watchId !== null || !navigator.geolocation) return;
  watchId = navigator.geolocation.watchPosition(
    ({ coords }) => {
      isRefused = false;
      last = {
        place: {
          lat_e7: Math.round(coords.latitude * 1e7),
          lng_e7: Math.round(coords.longitude * 1e7),
          accuracy_m: Math.round(coords.accuracy),
        },
        mono_ms: performance.now(),
      };
    },
    (error) => {
      isRefused = error.code === error.PERMISSION_DENIED;
    },
    { enableHighAccuracy: true, maximumAge: 15_000, timeout: 60_000 },
  );
}

/** Stop when nothing wants it any more, and forget: after the round the place is nobody's business. */
export function leavePlace(why: Why): void {
  wanted.delete(why);
  if (wanted.size) return;
  if (watchId !== null) navigator.geolocation.clearWatch(watchId);
  watchId = null;
  last = null;
}

/** The place, waited for a little: a fix takes a moment after the phone was asked for one. */
export async function placeWithin(waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  while (!last && !isPlaceRefused() && performance.now() < until)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

export function placeNow(): Place | null {
  if (!last) return null;
  const age_ms = Math.round(performance.now() - last.mono_ms);
  return age_ms > OLDEST_MS ? null : { ...last.place, age_ms };
}

/** The person, or the phone's settings, said no. */
export function isPlaceRefused(): boolean {
  return isRefused || !navigator.geolocation;
}
