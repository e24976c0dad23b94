import { ask, askJson, Refused } from '../server';
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

async function sendPhoto({ id, sha256: digest, bytes, media_type, blob }: Photo): Promise<void> {
  if (!blob) return;
  let { offset } = await askJson<{ offset: number }>('/api/v1/patrol/photos', {
    method: 'POST',
    json: { id, sha256: digest, bytes, media_type },
  });
  while (offset < bytes) {
    await db.photos.update(id, { offset });
    offset = await sendPiece(id, offset, blob.slice(offset, offset + PIECE_BYTES));
  }
  await db.photos.update(id, { offset, state: 'sent' });
}

async function sendPiece(id: string, offset: number, piece: Blob): Promise<number> {
  const answer = await ask(`/api/v1/patrol/photos/${id}?offset=${offset}`, {
    method: 'PATCH',
    body: piece,
    headers: { 'Content-Type': 'application/octet-stream' },
  });
  const told: { offset: number } = await answer.json();
  if (told.offset <= offset) throw new Refused(502, 'no_progress', '');
  return told.offset;
}
