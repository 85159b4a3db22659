/** Keeps the screen lit on a page that is held up at the door, where the browser can. */
export function startAwake() {
  if (!document.querySelector("[data-awake]") || !navigator.wakeLock) return;
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  const hold = async () => {
    if (document.visibilityState !== "visible" || (lock && !lock.released)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      // Refused on a low battery: the screen then dims as it always does, and nothing else changes.
      lock = null;
    }
  };
  // Browsers drop the lock of a hidden page.
  document.addEventListener("visibilitychange", () => void hold());
  void hold();
}
