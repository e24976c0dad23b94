import type { AssetDetail, Point } from './queries';

/** The points by which an engineer knows a machine at a glance, best first; other types show their first analog point. */
const HEADLINES: Record<string, string[]> = {
  elevator: ['floor', 'motor_temp'],
  pump: ['discharge_pressure', 'tank_level'],
  fire_panel: ['system_status', 'battery_voltage'],
  energy_meter: ['power', 'frequency'],
};

export function headlinesOf(asset: AssetDetail): Point[] {
  const wanted = (HEADLINES[asset.profile] ?? []).flatMap(
    (key) => asset.points.find((point) => point.key === key) ?? [],
  );
  return wanted.length ? wanted : asset.points.filter((point) => point.kind === 'analog').slice(0, 1);
}
