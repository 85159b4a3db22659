/** PINs of a day, checked on the phone alone: they deter who picks it up, no more. */

import { hex } from "./hashes.js";

/** @typedef {import("./types.js").PinCheck} PinCheck */
/** @typedef {"usher" | "supervisor"} Role */

const FREE_TRIES = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;

/**
 * The twin of ticketing/door/pins.py; both run tests/vectors/pins.json.
 *
 * @param {string} pin
 * @param {PinCheck} check
 */
export async function isPin(pin, { salt, iterations, verifier }) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bytes = Uint8Array.from(salt.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes, iterations }, key, 256);
  return hex(new Uint8Array(bits)) === verifier;
}

/** Who has typed which PIN on this phone, and how often in vain. */
export class Pins {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./memory.js").Memory} parts.memory
   * @param {() => number} parts.now the corrected time
   */
  constructor({ store, memory, now }) {
    this.store = store;
    this.memory = memory;
    this.now = now;
  }

  /**
   * What checks the PIN of a role on a day; null when there is none.
   *
   * @param {Role} role
   * @param {string} day
   * @returns {PinCheck | null}
   */
  check(role, day) {
    return this.store.state.pins[day]?.[role] ?? null;
  }

  /**
   * Whether an usher still has to say who he is, on a day.
   *
   * @param {string} day
   */
  wantsUsher(day) {
    const check = this.check("usher", day);
    return check !== null && this.memory.read("usher") !== check.verifier;
  }

  /** Until when no PIN is taken; in the past when one is. */
  get lockedUntil() {
    const { wrong, at } = this.#faults;
    if (wrong < FREE_TRIES) return 0;
    return at + Math.min(FIRST_PAUSE_MS * 2 ** (wrong - FREE_TRIES), LONGEST_PAUSE_MS);
  }

  /**
   * Tries a PIN; a wrong one counts, also over a restart.
   *
   * @param {Role} role
   * @param {string} day
   * @param {string} pin
   */
  async try(role, day, pin) {
    const check = this.check(role, day);
    if (!check || this.now() < this.lockedUntil) return false;
    if (!(await isPin(pin.replace(/\D/g, ""), check))) {
      this.memory.write("wrong-pins", { wrong: this.#faults.wrong + 1, at: this.now() });
      return false;
    }
    this.memory.drop("wrong-pins");
    if (role === "usher") this.memory.write("usher", check.verifier);
    return true;
  }

  /** @returns {{wrong: number, at: number}} */
  get #faults() {
    const kept = /** @type {any} */ (this.memory.read("wrong-pins"));
    return Number.isInteger(kept?.wrong) ? kept : { wrong: 0, at: 0 };
  }
}
