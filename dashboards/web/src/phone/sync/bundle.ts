import type { Bundle } from '../api';
import { ask, Refused } from '../server';
import { instant } from '../store/clock';
import { db } from '../store/db';
import { deviceId, keep, kept } from '../store/kept';
import { APP_VERSION } from '../store/log';

/** Fetches what a shift needs, if it changed; also the plans and pictures it names. */
export async function fetchBundle(userId: number): Promise<void> {
  const known = await kept('bundle');
  const etag = known?.user_id === userId ? known.etag : null;
  const query = new URLSearchParams({ device: await deviceId(), app: APP_VERSION });
  const answer = await ask(`/api/v1/patrol/bundle?${query}`, {
    headers: etag ? { 'If-None-Match': etag } : {},
  });
  const server_ms = Number(answer.headers.get('X-Server-Ms'));
  if (server_ms) await noteServerTime(server_ms);
  if (answer.status !== 304) await keepBundle(userId, answer.headers.get('ETag'), await answer.json());
  await keep('bundle_at_ms', Date.now());
  await fetchPictures();
}

async function keepBundle(user_id: number, etag: string | null, bundle: Bundle): Promise<void> {
  await keep('bundle', { etag, user_id, bundle });
}

export async function noteServerTime(server_ms: number): Promise<void> {
  const { mono_ms, boot } = instant();
  await keep('server_seen', { server_ms, mono_ms, boot });
}

/** Plans and pictures that are not here yet. The round goes on without one that cannot be had. */
async function fetchPictures(): Promise<void> {
  const bundle = (await kept('bundle'))?.bundle;
  const wanted = new Set([
    ...(bundle?.plans ?? []).map((plan) => plan.image_url),
    ...(bundle?.checkpoints ?? []).map((point) => point.photo_url),
  ]);
  const have = new Set(await db.pictures.toCollection().primaryKeys());
  for (const url of wanted) {
    if (!url || have.has(url)) continue;
    try {
      const picture = await ask(url, { headers: { Accept: 'image/*' } });
      await db.pictures.put({ url, blob: await picture.blob() });
    } catch (error) {
      // not ours to see, or not there yet: the others are still wanted
      const isAnswered = error instanceof Refused && error.status >= 400 && error.status < 500;
      if (!isAnswered) return;
    }
  }
}
