import type { Bundle, Checkpoint } from '../api';

/** The code in a tag's address (`/t/` and a code, on any host); null for any other text. */
export function codeOf(text: string): string | null {
  try {
    const { pathname, protocol } = new URL(text.trim());
    const found = /^\/t\/([A-Za-z0-9]{4,64})\/?$/.exec(pathname);
    return /^https?:$/.test(protocol) && found?.[1] ? found[1].toLowerCase() : null;
  } catch {
    return null;
  }
}

/** The point a text belongs to, as far as this phone knows; the server finds out for itself. */
export function pointOfText(bundle: Bundle | undefined, text: string): Checkpoint | null {
  const code = codeOf(text);
  return (code && bundle?.checkpoints.find((point) => point.tag_codes.includes(code))) || null;
}
