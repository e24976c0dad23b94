import { SEVERITIES, type Severity } from '@/ui/severity';
import type { Node } from './queries';

/** Machines of one type below the same supplier, drawn as one box. */
export interface Box {
  key: string;
  names: Node['asset'][];
  profile: string;
  steps: number;
  /** Key of the box above. */
  above: string | null;
  alarms: number;
  present: number;
  worst: Severity | null;
}

const MOST_ALONE = 6;

/** Two hundred machines as a picture: those that feed others one by one where they are few, the rest by type. */
export function boxes(nodes: Node[]): Box[] {
  const feeding = new Set(nodes.map((node) => node.fed_by));
  const groups = new Map<string, Node[]>();
  const keyOf = (node: Node) => {
    const siblings = nodes.filter((other) => other.steps === node.steps && other.profile === node.profile);
    const isAlone = node.steps === 0 || siblings.length <= MOST_ALONE;
    return isAlone ? `asset:${node.asset.id}` : `${node.steps}:${node.profile}:${feeding.has(node.asset.id)}`;
  };
  const keys = new Map(nodes.map((node) => [node.asset.id, keyOf(node)]));
  for (const node of nodes) {
    const key = keys.get(node.asset.id) ?? '';
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  return [...groups].map(([key, members]) => {
    const fed = members.find((node) => node.fed_by !== null)?.fed_by;
    const [first] = members;
    return {
      key,
      names: members.map((node) => node.asset),
      profile: first?.profile ?? '',
      steps: first?.steps ?? 0,
      above: fed ? (keys.get(fed) ?? null) : null,
      alarms: members.reduce((sum, node) => sum + node.alarms, 0),
      present: members.reduce((sum, node) => sum + node.present, 0),
      worst: SEVERITIES.find((one) => members.some((node) => node.worst === one)) ?? null,
    };
  });
}
