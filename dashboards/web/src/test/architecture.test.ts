import { describe, expect, it } from 'vitest';
import { importsOf, SOURCES } from './sources';

const LONGEST = 250;

function ours(): [string, string][] {
  return [...SOURCES].filter(([path]) => path !== 'api/schema.ts' && !/(^|\/)text\//.test(path));
}

describe('the house rules of the front end', () => {
  it('keeps files short', () => {
    const long = ours().filter(([, text]) => text.split('\n').length > LONGEST);
    expect(long.map(([path]) => path)).toEqual([]);
  });

  it('has no barrels', () => {
    expect(ours().filter(([path]) => /(^|\/)index\.tsx?$/.test(path))).toEqual([]);
  });

  it('imports downwards only: app > features > nouns > the rest, and no feature knows another', () => {
    const wrong = ours().flatMap(([path]) =>
      importsOf(path)
        .filter((imported) => !isAllowed(path, imported))
        .map((imported) => `${path} imports ${imported}`),
    );
    expect(wrong).toEqual([]);
  });

  it("asks with a dialog of its own, in the reader's language, never with the browser's", () => {
    const asking = ours().filter(([, text]) => /window\.(confirm|alert|prompt)\(/.test(text));
    expect(asking.map(([path]) => path)).toEqual([]);
  });

  it('names no other host', () => {
    const foreign = ours().filter(([, text]) => /https?:\/\/(?!www\.w3\.org)/.test(text));
    expect(foreign.map(([path]) => path)).toEqual([]);
  });
});

function isAllowed(path: string, imported: string): boolean {
  const [room, name] = path.split('/');
  const [importedRoom, importedName] = imported.split('/');
  if (room === 'app' || room === 'main.tsx' || room === 'test') return true;
  if (importedRoom === 'app') return false;
  // The phone is an app of its own: nothing of it is for the desk.
  if (importedRoom === 'phone') return room === 'phone';
  if (importedRoom === 'features') return room === 'features' && importedName === name;
  return importedRoom !== 'nouns' || room === 'features' || room === 'nouns';
}
