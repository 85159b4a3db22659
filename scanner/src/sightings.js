/** How long the camera loop overlooks a code that it has just delivered. */
export const OVERLOOK_MS = 8_000;

/** Keeps the camera from delivering one held-up ticket again and again. */
export class Sightings {
  /** @type {Map<string, number>} */
  #seenAt = new Map();

  /**
   * Says whether the text is to be delivered, and remembers that it was.
   *
   * @param {string} text
   * @param {number} now milliseconds of any steady clock
   */
  isNew(text, now) {
    for (const [seen, at] of this.#seenAt) if (now - at >= OVERLOOK_MS) this.#seenAt.delete(seen);
    if (this.#seenAt.has(text)) return false;
    this.#seenAt.set(text, now);
    return true;
  }

  /** Delivers every code again, as after an undo or an unchecked scan. */
  forget() {
    this.#seenAt.clear();
  }
}
