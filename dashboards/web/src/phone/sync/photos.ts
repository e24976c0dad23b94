import { ask, Refused } from '../server';
import { sha256 } from '../store/chain';
import { db, type Photo } from '../store/db';

const PIECE_BYTES = 256 * 1024;
const UNREADABLE = new Set([400, 413, 415, 422]);

/** Sends the waiting photos, each from where the server's copy ends. */
export async function sendPhotos(): Promise<void> {
  const waiting = await db.photos.where('state').equals('waiting').sortBy('taken_ms');
  for (const photo of waiting) {
    try {
      await sendPhoto(photo);
    } catch (error) {
      if (!(error instanceof Refused) || !UNREADABLE.has(error.status)) throw error;
      if (error.code === 'wrong_digest' && (await isWhole(photo))) throw error;
      await db.photos.update(photo.id, { state: 'stuck' });
    }
  }
}

/** Bytes that went wrong on the way are sent again; bytes that went wrong here never can be. */
async function isWhole({ blob, sha256: expected }: Photo): Promise<boolean> {
  return blob !== null && (await sha256(await blob.arrayBuffer())) === expected;
}

async function sendPhoto(photo: Photo): Promise<void> {
  let { offset } = photo;
  while (photo.blob && offset < photo.bytes) {
    offset = await sendPiece(photo, photo.blob, offset);
    await db.photos.update(photo.id, { offset });
  }
  if (photo.blob) await db.photos.update(photo.id, { state: 'sent' });
}

/** Gives from where to go on; where the server has less than was thought, from there. */
async function sendPiece({ id, sha256: digest, bytes, media_type }: Photo, blob: Blob, offset: number) {
  const which = { offset: String(offset), sha256: digest, bytes: String(bytes), media_type };
  try {
    const answer = await ask(`/api/v1/patrol/photos/${id}?${new URLSearchParams(which)}`, {
      method: 'PATCH',
      body: blob.slice(offset, offset + PIECE_BYTES),
      headers: { 'Content-Type': 'application/octet-stream' },
    });
    const told: { offset: number } = await answer.json();
    if (told.offset <= offset) throw new Refused(502, 'no_progress', '');
    return told.offset;
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'gap' || offset === 0) throw error;
    return 0;
  }
}
