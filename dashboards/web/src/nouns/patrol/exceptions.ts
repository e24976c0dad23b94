import type { Exception } from './queries';

/** Open missed checkpoints of one round stand together, where the first of them stood; all else by itself. */
export function together(exceptions: Exception[]): [Exception, ...Exception[]][] {
  const groups = new Map<string, [Exception, ...Exception[]]>();
  for (const one of exceptions) {
    const isMissed = one.code === 'missed' && one.settled_at === null && one.round_id !== null;
    const key = isMissed ? `round ${one.round_id}` : `${one.id}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}
