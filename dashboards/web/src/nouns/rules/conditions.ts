/** A limit found somewhere in a condition, however deep. */
export interface Limit {
  point: string;
  high?: number | null;
  low?: number | null;
  deadband?: number | null;
}

type Json = unknown;

function isRecord(json: Json): json is Record<string, Json> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** All limits a rule watches, for lines on charts. */
export function limitsOf(condition: Json): Limit[] {
  if (!isRecord(condition)) return [];
  if (condition.type === 'limit' && typeof condition.point === 'string')
    return [condition as unknown as Limit];
  return Array.isArray(condition.of) ? condition.of.flatMap(limitsOf) : [];
}

/** The keys of the points a condition looks at. */
export function pointsOf(condition: Json): string[] {
  if (!isRecord(condition)) return [];
  if (Array.isArray(condition.of)) return [...new Set(condition.of.flatMap(pointsOf))];
  const { point, typed, against, reference, points } = condition;
  const named = [point, typed, against, reference, ...(Array.isArray(points) ? points : [])];
  return named.filter((key) => typeof key === 'string');
}
