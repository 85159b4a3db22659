/**
 * Chromium on Android tells it; others keep it to themselves.
 * @returns {Promise<number | null>} per cent, or null if unknown
 */
export async function batteryPercent() {
  const here = /** @type {{getBattery?: () => Promise<{level: number}>} | undefined} */ (globalThis.navigator);
  if (!here?.getBattery) return null;
  const battery = await here.getBattery().catch(() => null);
  return battery && Number.isFinite(battery.level) ? Math.round(battery.level * 100) : null;
}
