/** Keeps the screen lit while the scanner is open, where the browser can. */
export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;

  /** Browsers drop the lock of a hidden page: call again when it is seen. */
  async hold() {
    if (!navigator.wakeLock || (this.#lock && !this.#lock.released)) return;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
    } catch {
      // Refused on a low battery: the screen then dims as it always does, and nothing else changes.
      this.#lock = null;
    }
  }

  async release() {
    await this.#lock?.release();
    this.#lock = null;
  }
}
