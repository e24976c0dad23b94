import { sha256 } from '../store/chain';
import { db, type Photo } from '../store/db';
import { isFull, withRoom } from '../store/room';
import { who } from '../who';

const LONGEST_PX = 1600;
const SMALLEST_PX = 800;
const QUALITY = 0.82;
const MARK_PX = 26;

/**
 * A photo as it is kept: at most 1600 px, JPEG, with time, place and person written on it.
 *
 * Drawing it anew also drops what the camera wrote into the file (EXIF).
 */
export async function shrink(file: Blob, mark: string, longest = LONGEST_PX): Promise<Blob> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser cannot draw');
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  writeMark(pen, mark);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', QUALITY);
  });
}

function writeMark(pen: CanvasRenderingContext2D, mark: string): void {
  const { width, height } = pen.canvas;
  if (!mark || width < 4 * MARK_PX) return;
  const font = Math.max(12, Math.min(MARK_PX, Math.round(width / 32)));
  pen.fillStyle = 'rgb(0 0 0 / 55%)';
  pen.fillRect(0, height - font * 1.8, width, font * 1.8);
  pen.fillStyle = '#fff';
  pen.font = `${font}px system-ui, sans-serif`;
  pen.fillText(mark, font * 0.6, height - font * 0.6, width - font);
}

/**
 * Keep a photo on this phone until the server has all of it; gives its id.
 *
 * When storage is full, pictures that can be had again and photos already sent make room first;
 * then the photo is kept smaller. Throws only when even that does not fit.
 */
export async function keepPhoto(file: Blob, mark: string): Promise<string> {
  const large = await shrink(file, mark);
  try {
    return await withRoom(() => store(large));
  } catch (error) {
    if (!isFull(error)) throw error;
    return store(await shrink(file, mark, SMALLEST_PX));
  }
}

async function store(blob: Blob): Promise<string> {
  const person = who();
  if (!person) throw new Error('nobody is logged in');
  const photo: Photo = {
    id: crypto.randomUUID(),
    user_id: person.person.id,
    taken_ms: Date.now(),
    sha256: await sha256(await blob.arrayBuffer()),
    bytes: blob.size,
    media_type: blob.type,
    offset: 0,
    state: 'waiting',
    blob,
  };
  await db.photos.add(photo);
  return photo.id;
}
