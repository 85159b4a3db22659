/**
 * The tickets that this phone knows, by the first bytes of their codes' digests. It follows the server's
 * answers; tests/support/held.py does the same for the server's tests, and both run tests/vectors/sync.json.
 */

import { hex, sha256 } from "./hashes.js";

/** @typedef {import("./types.js").SyncAnswer} SyncAnswer */

/**
 * @typedef {object} Admitted
 * @property {number} at seconds since 1970
 * @property {string | null} gate
 * @property {string} device
 * @property {number} inside 1 while somebody is in with the ticket
 * @property {number | null} left
 *
 * @typedef {object} Known what a phone knows of one code
 * @property {string} screening
 * @property {string} row
 * @property {string} number
 * @property {string} area
 * @property {string} card
 * @property {string} state `valid`, or why not
 * @property {number} revision
 * @property {number} serial the ticket's: copies of one ticket share it
 * @property {Admitted | null} admission
 * @property {boolean} [unlisted] the phone has it from a signed code; the server has not told of it yet
 * @property {number} [slip] a number of the rush line instead of a ticket
 */

const HASH_BYTES = 8;
const DIGEST_LETTERS = 16;
// Renewed when what is kept has another form: an older copy is then forgotten.
const FORM = 1;

/**
 * The key under which a code is known.
 *
 * @param {string} code in its canonical spelling
 */
export async function keyOf(code) {
  return (await sha256(code)).slice(0, 2 * HASH_BYTES);
}

export class Book {
  /** @type {Map<string, Known>} */
  #tickets = new Map();
  /** @type {Map<number, string>} the key of the newest copy, by serial */
  #newest = new Map();
  /** @type {Map<string, Known>} of the rush line where the phone stands */
  #slips = new Map();
  /** @type {string | null} how far it has followed; null asks for everything */
  cursor = null;

  get size() {
    return this.#tickets.size;
  }

  /** @param {string} key */
  find(key) {
    return this.#tickets.get(key) ?? this.#slips.get(key) ?? null;
  }

  /**
   * The newest copy that is known of a ticket.
   *
   * @param {number} serial
   */
  newest(serial) {
    return this.find(this.#newest.get(serial) ?? "");
  }

  /**
   * Learns a ticket from its signed code, until the server tells of it; copies before it have ended.
   *
   * @param {string} key
   * @param {Known} ticket
   */
  learn(key, ticket) {
    if (this.#tickets.has(key)) return;
    const before = this.#newest.get(ticket.serial);
    const older = this.find(before ?? "");
    if (before && older?.state === "valid") this.#tickets.set(before, { ...older, state: "reissued" });
    this.#put(key, ticket);
  }

  entries() {
    return this.#tickets.entries();
  }

  /**
   * Takes an answer in: each ticket replaces what was known of its code. Twice does no harm.
   *
   * @param {SyncAnswer} answer
   */
  apply(answer) {
    if (answer.full) this.clear();
    for (const [key, ticket] of unpacked(answer)) this.#put(key, ticket);
    this.cursor = answer.cursor;
  }

  /**
   * Notes who was let in or out until the server tells of it: the phone itself is the first to know.
   *
   * @param {string} key
   * @param {Admitted | null} admission
   */
  note(key, admission) {
    for (const known of [this.#tickets, this.#slips]) {
      const ticket = known.get(key);
      if (ticket) known.set(key, { ...ticket, admission });
    }
  }

  /** @param {Map<string, Known>} slips in place of those known before; they are no part of the digest */
  takeSlips(slips) {
    this.#slips = slips;
  }

  /** What the server compares with its own, to find what was missed. */
  async digest() {
    const lines = [...this.#tickets].map(([key, { admission, ...ticket }]) => {
      const { screening, row, number, area, card, state, revision } = ticket;
      const said = [key, screening, row, number, area, card, state, revision];
      return (admission ? [...said, admission.at, admission.gate ?? "", admission.inside] : said).join("|");
    });
    return (await sha256(lines.sort().join("\n"))).slice(0, DIGEST_LETTERS);
  }

  /**
   * As one text: 30,000 rows would take a phone seconds to keep.
   *
   * @param {string} [only] of one screening; the digest then tells the server what is missing
   */
  pack(only) {
    const tickets = [...this.#tickets].filter(([, { screening }]) => !only || screening === only);
    return JSON.stringify({ form: FORM, cursor: this.cursor, tickets });
  }

  /** @param {unknown} kept what `pack` returned, or anything else */
  unpack(kept) {
    try {
      const { form, cursor, tickets } = JSON.parse(String(kept));
      if (form !== FORM) return;
      this.clear();
      // Earlier versions kept no serials; no ticket has this one.
      for (const [key, ticket] of tickets) this.#put(key, { serial: 0, ...ticket });
      this.cursor = cursor;
    } catch {
      // Nothing legible is kept: the next sync brings everything.
    }
  }

  /** Forgets everything. */
  clear() {
    this.#tickets = new Map();
    this.#newest = new Map();
    this.cursor = null;
  }

  /**
   * @param {string} key
   * @param {Known} ticket
   */
  #put(key, ticket) {
    this.#tickets.set(key, ticket);
    if ((this.newest(ticket.serial)?.revision ?? -1) < ticket.revision) this.#newest.set(ticket.serial, key);
  }
}

/**
 * @param {SyncAnswer} answer
 * @returns {Generator<[string, Known]>}
 */
function* unpacked({ tickets, admissions }) {
  const hashes = Uint8Array.from(atob(tickets.hash), (letter) => letter.charCodeAt(0));
  let serial = 0;
  const positions = new Map(admissions.ticket.map((ticket, i) => /** @type {const} */ ([ticket, i])));
  for (let i = 0; i < tickets.state.length; i++) {
    const key = hex(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    const at = positions.get(i);
    serial += tickets.serial[i] ?? 0;
    yield [
      key,
      {
        screening: tickets.screenings[tickets.screening[i] ?? -1] ?? "",
        row: tickets.row[i] ?? "",
        number: tickets.number[i] ?? "",
        area: tickets.areas[tickets.area[i] ?? -1] ?? "",
        card: tickets.card[i] ?? "",
        state: tickets.state[i] ?? "",
        revision: tickets.revision[i] ?? 0,
        serial,
        admission: at === undefined ? null : admission(admissions, at),
      },
    ];
  }
}

/**
 * @param {SyncAnswer["admissions"]} columns
 * @param {number} at
 * @returns {Admitted}
 */
function admission(columns, at) {
  return {
    at: columns.at[at] ?? 0,
    gate: columns.gate[at] ?? null,
    device: columns.devices[columns.device[at] ?? -1] ?? "",
    inside: columns.inside[at] ?? 0,
    left: columns.left[at] ?? null,
  };
}
