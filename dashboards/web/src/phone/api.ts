import type { Verdict } from './store/db';
import type { Label } from './text/phrases';

interface ItemBase {
  key: string;
  name: Label;
  help?: Label | null;
  required: boolean;
  when?: { item: string; any_of: (string | number | boolean)[] } | null;
}

export type FormItem = ItemBase &
  (
    | { type: 'check'; photo_on_fail: boolean }
    | {
        type: 'number';
        unit?: string | null;
        /** The answer is the number times ten to the power of this. */
        decimals: number;
        low?: number | null;
        high?: number | null;
        possible?: [number, number] | null;
      }
    | { type: 'choice'; options: { key: string; name: Label; finding: boolean }[] }
    | { type: 'text'; most: number }
    | { type: 'photo'; least: number; most: number }
    | { type: 'signature' }
  );

export interface Form {
  id: number;
  version: number;
  name: Label;
  items: FormItem[];
}

export interface Leg {
  checkpoint_id: number;
  due_at: string | null;
  tolerance_s: number;
  done: boolean;
  state?: string;
}

export interface Round {
  id: number;
  route_id: number;
  name: Label;
  starts_at: string;
  window_ends_at: string;
  order: 'ordered' | 'free' | 'random';
  state: string;
  cause?: { text?: Label } | null;
  legs: Leg[];
}

export interface Checkpoint {
  id: number;
  key: string;
  name: Label;
  space: Label[];
  floor: string | null;
  lat_e7: number | null;
  lng_e7: number | null;
  plan: { id: number; x: number; y: number } | null;
  asset_id: number | null;
  photo_url: string | null;
  instructions: Label | null;
  form: Form | null;
  dwell_s: number;
}

export interface Bundle {
  server_ms: number;
  user: { id: number; name: string; display_name: string; role: string };
  rounds: Round[];
  checkpoints: Checkpoint[];
  plans: { id: number; name: Label; image_url: string; width: number; height: number }[];
  handover: { id: string; at: string; by: string; text: string; photo_ids: string[] }[];
  findings: {
    id: string;
    checkpoint_id: number | null;
    text: string;
    severity: 'critical' | 'high' | 'medium' | 'low';
  }[];
  emergency: { name_en: string; name_zh: string; number: string }[];
}

export interface SyncAnswer {
  server_ms: number;
  results: ({ id: string } & Verdict)[];
  bundle_etag: string;
}
