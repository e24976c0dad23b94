import { deflateSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * The icons of the installed phone app, drawn when it is built: no pictures lie in the repository.
 *
 * One drawing on a grid of 32, as SVG where that is understood and as PNG for iPhones and launchers.
 */
const GROUND: Colour = [13, 111, 115];
const INK = 255;
/** Straight strokes, from and to. */
const STROKES: [number, number, number, number][] = [
  [8, 24, 8, 9],
  [8, 9, 17, 9],
  [17, 19, 12, 19],
  [18, 24, 24, 24],
];
const BOW = { x: 17, y: 14, radius: 5 };
const HALF_WIDTH = 1.5;
const MASKABLE_SCALE = 0.72;

type Colour = [number, number, number];

export function svgIcon(isMaskable: boolean): string {
  const move = isMaskable ? 16 * (1 - MASKABLE_SCALE) : 0;
  const place = isMaskable ? ` transform="translate(${move} ${move}) scale(${MASKABLE_SCALE})"` : '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="512" height="512"><rect width="32" height="32" rx="${isMaskable ? 0 : 7}" fill="rgb(${GROUND})"/><g${place} fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M8 24V9h9a5 5 0 0 1 0 10h-5M18 24h6"/></g></svg>`;
}

/** Distance of a point from the drawing's lines, in units of its grid. */
function distance(x: number, y: number): number {
  let nearest = x >= BOW.x ? Math.abs(Math.hypot(x - BOW.x, y - BOW.y) - BOW.radius) : 99;
  for (const [ax, ay, bx, by] of STROKES) {
    const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2);
    const t = Math.max(0, Math.min(1, along));
    nearest = Math.min(nearest, Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)));
  }
  return nearest;
}

/** A square without transparency: phones round its corners themselves. */
export function pngIcon(pixels: number): Buffer {
  const rows = Buffer.alloc(pixels * (pixels * 3 + 1));
  const unit = 32 / MASKABLE_SCALE / pixels;
  const shift = (32 - 32 / MASKABLE_SCALE) / 2;
  for (let row = 0; row < pixels; row++) {
    for (let column = 0; column < pixels; column++) {
      const gap = distance(shift + (column + 0.5) * unit, shift + (row + 0.5) * unit) - HALF_WIDTH;
      const ink = Math.max(0, Math.min(1, 0.5 - gap / unit));
      const at = row * (pixels * 3 + 1) + 1 + column * 3;
      for (const [c, ground] of GROUND.entries()) rows[at + c] = Math.round(ground + (INK - ground) * ink);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(pixels, 0);
  head.writeUInt32BE(pixels, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const parts = [part('IHDR', head), part('IDAT', deflateSync(rows)), part('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

function part(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

/** CRC-32 as PNG (ISO 3309) has it. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export function phoneIcons(): Plugin {
  return {
    name: 'plantroom-phone-icons',
    apply: 'build',
    generateBundle() {
      const files: Record<string, string | Buffer> = {
        'phone-any.svg': svgIcon(false),
        'phone-maskable.svg': svgIcon(true),
        'phone-180.png': pngIcon(180),
        'phone-192.png': pngIcon(192),
        'phone-512.png': pngIcon(512),
      };
      for (const [fileName, source] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName, source });
      }
    },
  };
}
