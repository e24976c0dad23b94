import { describe, expect, it } from 'vitest';
import { PARTS, type Part } from '@/text/parts';
import { SOURCES, withImports } from './sources';

interface Page {
  path: string;
  parts: Part[];
}

const PAGES: Page[] = [
  ...(SOURCES.get('app/router.tsx') ?? '').matchAll(
    /page\(\s*\[([^\]]*)\],[^(]*\([^(]*\(?[^']*'@\/([^']+)'/g,
  ),
].map((found) => ({
  path: `${found[2]}.tsx`,
  parts: [...(found[1] ?? '').matchAll(/'(\w+)'/g)].map((part) => part[1] as Part),
}));

/** The keys of a part, one below the other. */
async function keysOf(part: Part): Promise<string> {
  const keys = (node: object, above: string): string[] =>
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === 'string' ? [`${above}${key}`] : keys(value, `${above}${key}.`),
    );
  return `\n${keys((await PARTS[part].en()).default, '').join('\n')}`;
}

const KEYS = new Map(
  await Promise.all((Object.keys(PARTS) as Part[]).map(async (part) => [part, await keysOf(part)] as const)),
);
const SECTIONS = new Set([...KEYS.values()].flatMap((keys) => keys.match(/(?<=\n)\w+/g) ?? []));

/** Whether a part says a key, or one that begins so: composed keys are known up to their first hole. */
const says = (part: Part, key: string) => (KEYS.get(part) ?? '').includes(`\n${key}`);

/** The keys a page says, its dialogs and tabs included. */
function saidBy(path: string): string[] {
  const said = withImports(path)
    .filter((file) => !file.startsWith('text/'))
    .flatMap((file) => [...(SOURCES.get(file) ?? '').matchAll(/['"`](\w+(?:\.\w+)+)/g)])
    .map((found) => found[1] ?? '');
  return [...new Set(said)].filter((key) => SECTIONS.has(key.split('.')[0] ?? ''));
}

describe('the texts of a page', () => {
  it('are told of every page', () => {
    const pages = [...SOURCES.keys()].filter((path) => /^features\/.*Page\.tsx$/.test(path));
    expect(PAGES.map((page) => page.path).sort()).toEqual(pages.sort());
  });

  it.each(PAGES)('are loaded with it: $path', ({ path, parts }) => {
    const said = saidBy(path);
    const loaded: Part[] = ['shell', ...parts];
    expect(said.filter((key) => !loaded.some((part) => says(part, key)))).toEqual([]);
    const idle = parts.filter((part) => !said.some((key) => says(part, key)));
    expect(idle, 'loaded, and nothing of it is said').toEqual([]);
  });

  it('of what surrounds every page are there from the start', () => {
    const said = ['app/Shell.tsx', 'app/NotFound.tsx', 'app/PageFailure.tsx'].flatMap(saidBy);
    expect(said.filter((key) => !says('shell', key))).toEqual([]);
  });
});
