import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const SERVER = `http://127.0.0.1:${process.env.PLANTROOM_PORT ?? '8080'}`;

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/api': SERVER } },
  build: {
    // Not 'assets': that is an address of the app, and a deep link to /assets/4 must give the first page.
    assetsDir: 'static',
    // No data: URLs: the page's content security policy allows its own origin only.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  test: {
    setupFiles: ['src/test/setup.ts'],
    css: false,
  },
});
