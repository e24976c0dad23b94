import type { Checkpoint, CheckpointIn } from '@/nouns/patrol/queries';

/** A checkpoint as it is written back, with what has changed. */
export function bodyOf(checkpoint: Checkpoint, changes: Partial<CheckpointIn>): CheckpointIn {
  return {
    key: checkpoint.key,
    name: checkpoint.name,
    space_id: checkpoint.space_id,
    asset_id: checkpoint.asset_id,
    floor: checkpoint.floor,
    lat_e7: checkpoint.lat_e7,
    lng_e7: checkpoint.lng_e7,
    radius_m: checkpoint.radius_m,
    plan_id: checkpoint.plan_id,
    x: checkpoint.x,
    y: checkpoint.y,
    photo_id: checkpoint.photo_id,
    instructions: checkpoint.instructions,
    form_id: checkpoint.form_id,
    dwell_s: checkpoint.dwell_s,
    least_tag: checkpoint.least_tag,
    ...changes,
  };
}
