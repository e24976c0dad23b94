interface Battery {
  level: number;
}

type WithBattery = Navigator & { getBattery?: () => Promise<Battery> };

/** Whole percent, or null where the browser does not tell. */
export async function batteryPercent(): Promise<number | null> {
  const battery = await (navigator as WithBattery).getBattery?.().catch(() => null);
  return battery ? Math.round(battery.level * 100) : null;
}
