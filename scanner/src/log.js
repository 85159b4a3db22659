/**
 * The phone's log: whatever it asks or states is an entry, durable before anybody sees green, each with the hash
 * of the one before, so that a gap shows. An entry leaves the phone when the server has answered for it.
 */

import { sha256 } from "./hashes.js";

/** @typedef {import("./types.js").Scan} Scan */
/** @typedef {import("./book.js").Admitted} Admitted */
/** @typedef {import("./book.js").Known} Known */

/**
 * @typedef {object} LogRecord
 * @property {number} seq
 * @property {string} key under which the book knows the ticket
 * @property {Scan} entry as it is sent
 * @property {Admitted | null} [before] what an entry that takes something back goes back to
 * @property {Known} [learnt] the ticket, where only its signed code tells of it
 *
 * @typedef {{seq: number, hash: string}} Head the newest entry ever, sent or not
 */

/** The server takes this many at once. */
const BATCH = 200;

export class Log {
  /** @type {LogRecord[]} */
  #records = [];
  /** @type {Head} */
  #head = { seq: 0, hash: "" };
  /** The number up to which all that waits is on the disk: less than the newest when the disk takes nothing more. */
  #saved = 0;
  /** @type {Promise<unknown>} entries are chained one after the other */
  #queue = Promise.resolve();

  /**
   * @param {Pick<import("./keeper.js").Keeper, "log" | "read" | "append" | "drop">} keeper
   * @param {import("./clock.js").Clock} clock
   */
  constructor(keeper, clock) {
    this.keeper = keeper;
    this.clock = clock;
  }

  /** Takes up what an earlier visit left. */
  load() {
    const loaded = this.#queue.then(async () => {
      const head = /** @type {Head | undefined} */ (await this.keeper.read("head"));
      this.#records = await this.keeper.log();
      if (head) this.#head = head;
      this.#saved = this.#head.seq;
    });
    this.#queue = loaded;
    return loaded;
  }

  /** Over when all entries are on the disk. */
  written() {
    return this.#queue;
  }

  /** How many entries the server has not answered for. */
  get size() {
    return this.#records.length;
  }

  /** Of how many scans they are: what people count. */
  get scans() {
    return scansOf(this.#records);
  }

  /** How many of those scans are in memory alone: closing the page would lose them. */
  get unsaved() {
    return scansOf(this.#records.filter(({ seq }) => seq > this.#saved));
  }

  /** Whether an ask can go along with all that is before it. */
  get hasRoom() {
    return this.#records.length < BATCH;
  }

  /**
   * Writes an entry; when this is over, it is on the disk, or among the `unsaved`.
   *
   * @param {Omit<Scan, "seq" | "prev">} scan
   * @param {string} key
   * @param {Admitted | null} [before]
   * @param {Known} [learnt]
   * @returns {Promise<Scan>} the entry
   */
  append(scan, key, before, learnt) {
    const written = this.#queue.then(async () => {
      const entry = { ...scan, seq: this.#head.seq + 1, prev: this.#head.hash };
      const more = { ...(before === undefined ? {} : { before }), ...(learnt && { learnt }) };
      const record = { seq: entry.seq, key, entry, ...more };
      this.#head = { seq: entry.seq, hash: await entryHash(entry) };
      this.#records = [...this.#records, record];
      await this.#write();
      return entry;
    });
    this.#queue = written.catch(() => {});
    return written;
  }

  /** Tries once more to write what the disk has refused. */
  save() {
    const saved = this.#queue.then(() => this.#write());
    this.#queue = saved.catch(() => {});
    return saved;
  }

  /** All that is not on the disk goes there at once, so that the log there never has a gap. */
  async #write() {
    const { seq } = this.#head;
    if (this.#saved === seq) return;
    const waiting = this.#records.filter((record) => record.seq > this.#saved);
    if (await this.keeper.append(waiting, this.#head)) this.#saved = seq;
  }

  /** The oldest entries that wait. */
  batch() {
    return this.#records.slice(0, BATCH).map(({ entry }) => entry);
  }

  /**
   * Whether something was shown of a ticket that the server has not answered for.
   *
   * @param {string} key
   */
  hasShown(key) {
    return this.#records.some((one) => one.key === key && one.entry.verdict);
  }

  /**
   * The oldest statements after a number: what was finally shown, and under which key the book knows its ticket.
   *
   * @param {number} seq
   */
  statementsAfter(seq) {
    return this.#records.filter((one) => one.seq > seq && one.entry.verdict).slice(0, BATCH);
  }

  /**
   * Forgets the entries of a batch that the server has answered for, one by one.
   *
   * @param {Scan[]} batch
   * @param {Set<string>} answered ids
   */
  async settle(batch, answered) {
    const sent = new Set(batch.filter(({ id }) => answered.has(id)).map(({ seq }) => seq));
    if (sent.size === 0) return;
    this.#records = this.#records.filter(({ seq }) => !sent.has(seq));
    await this.keeper.drop([...sent]);
  }

  /**
   * Notes in the book what the server cannot know yet; after each sync, which may have overwritten it.
   *
   * @param {import("./book.js").Book} book
   * @param {string} device
   */
  tell(book, device) {
    for (const record of this.#records) this.note(book, record, device);
  }

  /**
   * Notes in the book what an entry says of its ticket, by the server's time like all that the book holds.
   *
   * @param {import("./book.js").Book} book
   * @param {Omit<LogRecord, "seq">} record
   * @param {string} device
   */
  note(book, { key, entry, before, learnt }, device) {
    const { verdict, direction, gate } = entry;
    if (learnt) book.learn(key, learnt);
    const at = Math.floor(this.clock.corrected(entry.at) / 1000);
    const admission = book.find(key)?.admission ?? null;
    if (verdict === "refuse" && before !== undefined) book.note(key, before);
    if (verdict !== "admit") return;
    if (direction === "in") book.note(key, { at, gate, device, inside: 1, left: null });
    else if (admission) book.note(key, { ...admission, inside: 0, left: at });
  }
}

/** @param {LogRecord[]} records */
function scansOf(records) {
  return new Set(records.map(({ entry }) => entry.id)).size;
}

/**
 * The hash that the next entry carries; its twin is ticketing/door/chain.py, and both run tests/vectors/log.json.
 *
 * @param {Scan} entry
 */
export function entryHash(entry) {
  const { id, seq, code, screening, direction, gate, at, offline, verdict, reason, override, prev } = entry;
  const supervisor = override ? override.reason : "";
  const said = [id, seq, code ?? "", screening, direction, gate, Date.parse(at), Number(offline)];
  return sha256([...said, verdict ?? "", reason ?? "", supervisor, prev].join("\n"));
}
