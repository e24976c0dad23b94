import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const WORTH_IT_BYTES = 1024;
const KINDS = /\.(js|css|svg|wasm)$/;

/** Beside each file its Brotli form, made once and as small as it gets: on a slow network bytes are the waiting. */
export function compressed(folder: string): Plugin {
  return {
    name: 'plantroom-compressed',
    apply: 'build',
    enforce: 'post',
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
          const path = join(folder, name);
          if (!KINDS.test(name) || statSync(path).size < WORTH_IT_BYTES) continue;
          const content = readFileSync(path);
          const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
        }
      },
    },
  };
}
