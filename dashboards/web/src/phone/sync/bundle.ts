import type { Bundle } from '../api';
import { ask } from '../server';
import { instant } from '../store/clock';
import { db } from '../store/db';
import { keep, kept } from '../store/kept';

/** Fetches what a shift needs, if it changed; also the plans and pictures it names. */
export async function fetchBundle(userId: number): Promise<void> {
  const known = await kept('bundle');
  const etag = known?.user_id === userId ? known.etag : null;
  const answer = await ask('/api/v1/patrol/bundle', { headers: etag ? { 'If-None-Match': etag } : {} });
  if (answer.status === 304) return;
  const bundle: Bundle = await answer.json();
  await noteServerTime(bundle.server_ms);
  await keep('bundle', { etag: answer.headers.get('ETag'), user_id: userId, bundle, at_ms: Date.now() });
  await fetchPictures(bundle);
}

export async function noteServerTime(server_ms: number): Promise<void> {
  const { mono_ms, boot } = instant();
  await keep('server_seen', { server_ms, mono_ms, boot });
}

/** A picture that cannot be had now is asked for at the next change of the bundle; the round goes on without. */
async function fetchPictures(bundle: Bundle): Promise<void> {
  const wanted = new Set([
    ...bundle.plans.map((plan) => plan.image_url),
    ...bundle.checkpoints.map((point) => point.photo_url),
  ]);
  const have = new Set(await db.pictures.toCollection().primaryKeys());
  for (const url of wanted) {
    if (!url || have.has(url)) continue;
    try {
      const picture = await ask(url, { headers: { Accept: 'image/*' } });
      await db.pictures.put({ url, blob: await picture.blob() });
    } catch {
      return;
    }
  }
}
