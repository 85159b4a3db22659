/**
 * What the phone remembers between visits. A full or forbidden storage is told to `onFull`, not swallowed;
 * the page then goes on with what it holds in memory.
 */
export class Memory {
  /**
   * @param {Storage} storage
   * @param {() => void} onFull
   */
  constructor(storage, onFull) {
    this.storage = storage;
    this.onFull = onFull;
  }

  /**
   * @param {string} name
   * @returns {unknown} undefined when nothing, or nothing legible, is kept
   */
  read(name) {
    try {
      return JSON.parse(this.storage.getItem(`kassa.${name}`) ?? "") ?? undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  write(name, value) {
    try {
      this.storage.setItem(`kassa.${name}`, JSON.stringify(value));
    } catch {
      this.onFull();
    }
  }

  /** @param {string} name */
  drop(name) {
    this.storage.removeItem(`kassa.${name}`);
  }
}
