import type { Bundle } from '../api';
import { ask, Refused } from '../server';
import { instant } from '../store/clock';
import { db } from '../store/db';
import { deviceId, keep, keepOwn, own } from '../store/kept';
import { APP_VERSION } from '../store/log';

/**
 * Fetches what a shift needs, if it changed; also the plans and pictures it names.
 *
 * Gives false, and keeps nothing, when the server's session is somebody else's: the phone was taken over.
 */
export async function fetchBundle(userId: number): Promise<boolean> {
  const known = await own('bundle', userId);
  const query = new URLSearchParams({ device: await deviceId(), app: APP_VERSION });
  const answer = await ask(`/api/v1/patrol/bundle?${query}`, {
    headers: known?.etag ? { 'If-None-Match': known.etag } : {},
  });
  const server_ms = Number(answer.headers.get('X-Server-Ms'));
  if (server_ms) await noteServerTime(server_ms);
  if (answer.status !== 304) {
    const bundle: Bundle = await answer.json();
    if (bundle.user.id !== userId) return false;
    await keepOwn('bundle', { etag: answer.headers.get('ETag'), bundle }, userId);
  }
  await keepOwn('bundle_at_ms', Date.now(), userId);
  await fetchPictures(userId);
  return true;
}

export async function noteServerTime(server_ms: number): Promise<void> {
  const { mono_ms, boot } = instant();
  await keep('server_seen', { server_ms, mono_ms, boot });
}

/** Where a picture of the planners is to be had; null: there is none. */
export function pictureUrl(id: string | null | undefined): string | null {
  return id ? `/api/v1/forms/pictures/${id}` : null;
}

/** Plans and pictures that are not here yet. The round goes on without one that cannot be had. */
async function fetchPictures(userId: number): Promise<void> {
  const bundle = (await own('bundle', userId))?.bundle;
  const wanted = new Set([
    ...(bundle?.plans ?? []).map((plan) => plan.image_url),
    ...(bundle?.checkpoints ?? []).flatMap((point) => [
      point.photo_url,
      ...(point.form?.items ?? []).map((item) => pictureUrl(item.picture_id)),
    ]),
    ...[...(bundle?.handover ?? []), ...(bundle?.findings ?? [])].flatMap((one) =>
      one.photo_ids.slice(0, SHARED_PHOTOS).map(photoUrl),
    ),
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

/** Of a note or finding so many are carried along; the first ones say what is meant. */
export const SHARED_PHOTOS = 3;

/** Where the server has a photo that somebody took. */
export function photoUrl(id: string): string {
  return `/api/v1/patrol/photos/${id}`;
}
