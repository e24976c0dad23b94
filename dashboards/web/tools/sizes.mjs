// What a first visit to each page loads, in kB gzip: the entry, the page's own chunks, its texts in one language.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const web = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(web, 'dist');
const manifest = JSON.parse(readFileSync(join(dist, '.vite', 'manifest.json'), 'utf8'));
const LARGEST_KB = 200;

function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  for (const imported of chunk.imports ?? []) filesOf(imported, found);
  return found;
}

const kilobytes = (files) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1000;

// Which parts of the texts a page says stands with its route.
const ROUTES = /page\(\s*\[([^\]]*)\],[^(]*\([^(]*\(?[^']*'@\/([^']+)'/g;
const routes = [...readFileSync(join(web, 'src', 'app', 'router.tsx'), 'utf8').matchAll(ROUTES)];
if (routes.length === 0) throw new Error('No page was found in src/app/router.tsx.');

let isTooLarge = false;
for (const [, parts, path] of routes) {
  const page = `src/${path}.tsx`;
  const files = filesOf(page, filesOf('index.html'));
  for (const part of ["'shell'", ...(parts.match(/'\w+'/g) ?? [])])
    filesOf(`src/text/${part.slice(1, -1)}/zh.ts`, files);
  const size = kilobytes(files);
  isTooLarge ||= size > LARGEST_KB;
  process.stdout.write(`${size.toFixed(0).padStart(5)} kB  ${page.replace('src/features/', '')}\n`);
}
// The phone's first visit: the log-in and the app behind it, in both languages; the reader of codes comes later.
const phone = kilobytes(filesOf('src/phone/Inside.tsx', filesOf('phone.html')));
const logIn = kilobytes(filesOf('phone.html'));
isTooLarge ||= phone > LARGEST_KB;
process.stdout.write(
  `${phone.toFixed(0).padStart(5)} kB  phone (its log-in alone: ${logIn.toFixed(0)} kB)\n`,
);
for (const part of ['src/features/assets/history/HistoryChart.tsx', 'src/features/alarms/AlarmTable.tsx']) {
  const size = kilobytes([...filesOf(part)].filter((file) => !filesOf('index.html').has(file)));
  process.stdout.write(`${size.toFixed(0).padStart(5)} kB  later: ${part.replace('src/features/', '')}\n`);
}
if (isTooLarge) {
  process.stderr.write(`A page's first load is over ${LARGEST_KB} kB.\n`);
  process.exit(1);
}
