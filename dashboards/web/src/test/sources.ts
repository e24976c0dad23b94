const TEXTS = import.meta.glob('../**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

/** Every source file of the app by its path below `src`, without tests. */
export const SOURCES: ReadonlyMap<string, string> = new Map(
  Object.entries(TEXTS)
    .map(([path, text]): [string, string] => [new URL(path, 'file:///src/test/').pathname.slice(5), text])
    .filter(([path]) => !path.includes('.test.')),
);

/** The files of the app that a file imports, by their paths below `src`. */
export function importsOf(path: string): string[] {
  return importsIn(SOURCES.get(path) ?? '', path);
}

function importsIn(text: string, path: string): string[] {
  return [...text.matchAll(/(?:from |import\()'((?:@|\.{1,2})\/[^']+)'/g)].flatMap((found) => {
    const at = (found[1] ?? '').replace(/^@\//, '/src/');
    const plain = new URL(at, `file:///src/${path}`).pathname.replace(/^\/src\//, '');
    return [`${plain}.ts`, `${plain}.tsx`, plain].filter((known) => SOURCES.has(known));
  });
}

/** A file with everything that runs with it, also what it loads later. */
export function withImports(first: string): string[] {
  const found = new Set([first]);
  for (const path of found) {
    const running = (SOURCES.get(path) ?? '').replaceAll(/import type [^;]*;/g, '');
    for (const next of importsIn(running, path)) found.add(next);
  }
  return [...found];
}
