import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { compressed } from './tools/compressed';
import { phoneIcons } from './tools/icons';
import { phoneApp } from './tools/phoneApp';

const SERVER = `http://127.0.0.1:${process.env.PLANTROOM_PORT ?? '8080'}`;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react(), phoneIcons(), phoneApp(here('./dist')), compressed(here('./dist'))],
  resolve: { alias: { '@': here('./src') } },
  server: { proxy: { '/api': SERVER } },
  worker: { format: 'es' },
  build: {
    // Not 'assets': that is an address of the app, and a deep link to /assets/4 must give the first page.
    assetsDir: 'static',
    // No data: URLs: the page's content security policy allows its own origin only.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: { desk: here('./index.html'), phone: here('./phone.html') } },
  },
  test: {
    setupFiles: ['src/test/setup.ts'],
    css: false,
    // A browser for each file takes longer than all tests; each cleans up behind itself (src/test/setup.ts).
    isolate: false,
  },
});
