/**
 * The rush line where the phone stands: slips, the numbers that are called, and the places that it has leased.
 * A place is marked as spent, on the disk, before it is named in any scan; so it is never used twice.
 */

import { hex } from "./hashes.js";

/** @typedef {import("./types.js").RushTold} RushTold */
/** @typedef {import("./types.js").LeasedPlace} LeasedPlace */
/** @typedef {import("./book.js").Known} Known */

/** So many unused places a phone likes to have. */
export const WANTED = 3;
const HASH_BYTES = 8;

export class Rush {
  /** @type {RushTold | null} what the server said last */
  told = null;
  /** @type {Map<number, string>} leased places that are named in a scan, with their screening */
  #spent = new Map();

  /**
   * @param {object} parts
   * @param {Pick<import("./keeper.js").Keeper, "read" | "write">} parts.keeper
   * @param {import("./book.js").Book} parts.book
   */
  constructor({ keeper, book }) {
    this.keeper = keeper;
    this.book = book;
  }

  /** Takes up what an earlier visit kept. */
  async restore() {
    const kept = /** @type {{told: RushTold | null, spent: [number, string][]} | undefined} */ (await this.keeper.read("rush"));
    if (!kept || this.told) return;
    this.told = kept.told;
    this.#spent = new Map(kept.spent);
    if (kept.told) this.book.takeSlips(slipsOf(kept.told));
  }

  /** @param {RushTold} told */
  async learn(told) {
    const leased = new Set(told.leases.map(({ place }) => place));
    for (const [place, screening] of this.#spent) {
      // What the server no longer lists as leased is taken: its scan has arrived.
      if (screening === told.screening && !leased.has(place)) this.#spent.delete(place);
    }
    this.told = told;
    this.book.takeSlips(slipsOf(told));
    await this.#keep();
  }

  /** Forgets the line, as when the phone goes to another door. What is spent stays so: its scans may wait. */
  async forget() {
    this.told = null;
    this.book.takeSlips(new Map());
    await this.#keep();
  }

  /** @returns {LeasedPlace[]} places that this phone may still let people in on */
  get unspent() {
    return (this.told?.leases ?? []).filter(({ place }) => !this.#spent.has(place));
  }

  /**
   * The line in which somebody needs a place; null when the ticket has its own, or is none of this door's.
   *
   * @param {Known | null} known
   * @param {string} kind of the code
   * @param {import("./types.js").Screening | null} screening where the phone stands
   * @param {"in" | "out"} direction
   */
  neededBy(known, kind, screening, direction) {
    if (!screening?.released_at || direction === "out" || !(known || kind === "slip")) return null;
    if (known && (known.screening !== screening.code || known.state !== "valid" || known.admission)) return null;
    return this.told?.screening === screening.code ? this.told : EMPTY;
  }

  /** Takes a leased place for one scan; null when there is none. @returns {Promise<LeasedPlace | null>} */
  async reserve() {
    const [first] = this.unspent;
    if (!first || !this.told) return null;
    this.#spent.set(first.place, this.told.screening);
    await this.#keep();
    return first;
  }

  /**
   * A place that nobody was let in on after all.
   *
   * @param {number | undefined} place
   */
  async unspend(place) {
    if (place !== undefined && this.#spent.delete(place)) await this.#keep();
  }

  async #keep() {
    await this.keeper.write("rush", { told: this.told, spent: [...this.#spent] });
  }
}

/** What is known of a line that the phone has heard of only as released. */
const EMPTY = { free: 0, leased: 0, taken: 0 };

/**
 * @param {RushTold} told
 * @returns {Map<string, Known>}
 */
function slipsOf({ screening, slips }) {
  const hashes = Uint8Array.from(atob(slips.hash), (letter) => letter.charCodeAt(0));
  const { admissions } = slips;
  const positions = new Map(admissions.ticket.map((slip, i) => /** @type {const} */ ([slip, i])));
  const known = slips.number.map((number, i) => {
    const at = positions.get(i);
    const admission = at === undefined ? null : {
      at: admissions.at[at] ?? 0,
      gate: admissions.gate[at] ?? null,
      device: admissions.devices[admissions.device[at] ?? -1] ?? "",
      inside: admissions.inside[at] ?? 0,
      left: admissions.left[at] ?? null,
    };
    const slip = { screening, row: "", number: "", area: "", card: "", state: "valid", revision: 0, serial: 0, admission, slip: number };
    return /** @type {const} */ ([hex(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)), slip]);
  });
  return new Map(known);
}
