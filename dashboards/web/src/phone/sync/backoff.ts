const FIRST_MS = 2000;
const LONGEST_MS = 5 * 60_000;

/** How long to wait after so many failures in a row; spread, so that a whole shift does not knock at once. */
export function waitMs(failures: number, chance = Math.random()): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(longest * (0.5 + chance / 2));
}
