/** Messages to this browser while the app is closed: asked for, subscribed and ended here. */

const WORKER = '/push.js';
/** A scope of its own, so that it is in nobody's way. */
const SCOPE = '/notifications/push/';

export type Obstacle = 'insecure' | 'unknown' | 'denied';

/** Why this browser cannot do it; null: it can. */
export function obstacle(): Obstacle | null {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return 'unknown';
  return Notification.permission === 'denied' ? 'denied' : null;
}

export interface BrowserAddress {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** Ask the person, then the browser; null where the person said no. */
export async function subscribe(key: string): Promise<BrowserAddress | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null;
  const registration = await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  await settled(registration);
  const known = await registration.pushManager.getSubscription();
  // Another server's key, or an old one, cannot be used: begin anew.
  await known?.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const said = made.toJSON();
  return {
    endpoint: made.endpoint,
    keys: { p256dh: said.keys?.p256dh ?? '', auth: said.keys?.auth ?? '' },
  };
}

async function settled(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise<void>((resolve) => {
    worker.addEventListener('statechange', () => worker.state === 'activated' && resolve());
  });
}
