import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VitePWA } from 'vite-plugin-pwa';

/** The phone app as something to install, and its service worker: what it keeps, and what it leaves alone. */
const OUTSIDE_THE_BUNDLE = [
  /^phone\.html$/,
  /^phone-.*\.svg$/,
  /^before-paint\.js$/,
  /^icon\.svg$/,
  // the reader of codes and its WebAssembly are made for a worker, which no page's imports lead to
  /^static\/(reader\.worker|zxing_reader)-[^/]+\.(js|wasm)$/,
];

interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

function filesOfPhone(manifest: Record<string, Chunk>, key = 'phone.html', found = new Set<string>()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) found.add(file);
  for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])])
    filesOfPhone(manifest, next, found);
  return found;
}

/** Of all that was built, only what the phone needs: no guard downloads the desk's charts. */
function onlyPhone(folder: string) {
  return async <E extends { url: string }>(entries: E[]) => {
    const files = filesOfPhone(JSON.parse(readFileSync(join(folder, '.vite', 'manifest.json'), 'utf8')));
    const isWanted = (url: string) => files.has(url) || OUTSIDE_THE_BUNDLE.some((one) => one.test(url));
    return { manifest: entries.filter((entry) => isWanted(entry.url)), warnings: [] };
  };
}

export function phoneApp(folder: string) {
  return VitePWA({
    // the app asks before it changes under somebody's hands
    registerType: 'prompt',
    injectRegister: false,
    filename: 'sw.js',
    manifestFilename: 'phone.webmanifest',
    includeManifestIcons: false,
    manifest: {
      id: '/phone',
      name: 'Plantroom 巡检 Patrol',
      short_name: 'Plantroom',
      description: 'Rounds, scans and findings, with and without signal',
      start_url: '/phone',
      scope: '/',
      display: 'standalone',
      orientation: 'portrait',
      background_color: '#12181c',
      theme_color: '#0d6569',
      icons: [
        { src: '/phone-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
        { src: '/phone-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
        { src: '/phone-any.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
        { src: '/phone-maskable.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'maskable' },
      ],
    },
    workbox: {
      globPatterns: ['**/*.{js,css,html,svg,wasm}'],
      maximumFileSizeToCacheInBytes: 3_000_000,
      manifestTransforms: [onlyPhone(folder)],
      // hashed names need no second mark
      dontCacheBustURLsMatching: /^static\//,
      navigateFallback: '/phone.html',
      navigateFallbackAllowlist: [/^\/phone(\/|$|\?)/, /^\/t\//],
      cleanupOutdatedCaches: true,
      clientsClaim: true,
      inlineWorkboxRuntime: true,
      sourcemap: false,
    },
  });
}
