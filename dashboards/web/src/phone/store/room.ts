import { db } from './db';

/** Write; when the phone's storage is full, what the server has or gives again makes room, and it is tried once more. */
export async function withRoom<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isFull(error)) throw error;
  }
  await makeRoom();
  return write();
}

/** Whether a write failed because the phone's storage is full. */
export function isFull(error: unknown): boolean {
  const name = (one: unknown) => (one instanceof Error || one instanceof DOMException ? one.name : '');
  const inner = error instanceof Error && 'inner' in error ? error.inner : null;
  return name(error) === 'QuotaExceededError' || name(inner) === 'QuotaExceededError';
}

/** Drop what can be had again. What is not sent stays, whatever happens. */
async function makeRoom(): Promise<void> {
  await db.pictures.clear();
  await db.photos.where('state').equals('sent').modify({ blob: null });
}
