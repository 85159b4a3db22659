/**
 * Chromium on Android tells it; others keep it to themselves.
 * @returns {Promise<number | null>} per cent, or null if unknown
 */
export async function batteryPercent() {
  const ask = /** @type {{getBattery?: () => Promise<{level: number}>}} */ (navigator).getBattery;
  if (!ask) return null;
  const battery = await ask.call(navigator).catch(() => null);
  return battery && Number.isFinite(battery.level) ? Math.round(battery.level * 100) : null;
}
