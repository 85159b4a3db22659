/** What the desk writes down: who was let in or out, what was refused, what was taken back. */

import { NoAnswer, Refused } from "./api.js";

/** @typedef {Omit<import("./types.js").Scan, "seq" | "prev">} Scan */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./book.js").Admitted} Admitted */

/**
 * @typedef {object} Open the scan whose card is on the screen
 * @property {Scan} scan
 * @property {string} key
 * @property {boolean} asked its question is in the log
 * @property {Answer | null} answer
 * @property {boolean} alone the phone has decided without the server
 * @property {Admitted | null} before who was in before it
 * @property {import("./look-up.js").Found | null} found what the phone itself knows of the code
 * @property {import("./types.js").LeasedPlace | null} place of the rush line, in hand for this scan
 */

export class Register {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {import("./book.js").Book} parts.book
   * @param {import("./log.js").Log} parts.log
   * @param {import("./upload.js").Upload} parts.upload
   * @param {import("./rush.js").Rush} parts.rush
   * @param {import("./relay.js").Relay} parts.relay
   */
  constructor({ store, clock, book, log, upload, rush, relay }) {
    this.store = store;
    this.clock = clock;
    this.book = book;
    this.log = log;
    this.upload = upload;
    this.rush = rush;
    this.relay = relay;
  }

  /**
   * Lets somebody in or out: by the phone's own statement, where the server has not said so itself.
   *
   * @param {Open} open
   * @param {Answer} answer
   * @returns {Promise<boolean>} whether that is durable, here or at the server
   */
  async letIn(open, answer) {
    const { scan, key, before } = open;
    const shown = { ...scan, seq: 0, prev: "", verdict: /** @type {const} */ ("admit") };
    let durable = true;
    if (open.alone) {
      durable = await this.state(open, "admit", answer.reason);
      this.#count(scan.screening, scan.direction === "in" ? 1 : before?.inside ? -1 : 0);
    } else {
      this.log.note(this.book, { key, entry: shown, learnt: learntFrom(open) }, this.#device);
    }
    if (scan.direction === "out") return durable;
    const last = { scan, key, before, ticket: answer.ticket ?? null, at: this.clock.ticks(), undone: false };
    this.store.set({ last });
    return durable;
  }

  /**
   * Lets somebody in against the verdict; the log says why.
   *
   * @param {Open} open
   * @param {Answer} answer
   * @param {string} reason the supervisor's
   * @returns {Promise<boolean>} whether that is durable
   */
  async overrule(open, answer, reason) {
    const { scan, key, before } = open;
    const overruled = { ...scan, override: { reason } };
    const durable = await this.state({ ...open, scan: overruled }, "admit", answer.reason);
    this.#count(scan.screening, before?.inside ? 0 : 1);
    const last = { scan, key, before, ticket: answer.ticket ?? null, at: this.clock.ticks(), undone: false };
    this.store.set({ last });
    return durable;
  }

  /**
   * Takes an admission back.
   *
   * @param {Open} open
   */
  async takeBack(open) {
    this.#count(open.scan.screening, open.before?.inside ? 0 : -1);
    await this.state(open, "refuse", "undo");
  }

  /**
   * States what was finally shown.
   *
   * @param {Open} open
   * @param {"admit" | "refuse"} verdict
   * @param {string} reason
   * @returns {Promise<boolean>} whether it is on the disk, and all before it
   */
  async state(open, verdict, reason) {
    const { scan, key, before, alone } = open;
    const final = { ...scan, verdict, reason, offline: alone || !this.store.state.online };
    const takesBack = verdict === "refuse" && !alone ? before : undefined;
    const learnt = verdict === "admit" ? learntFrom(open) : undefined;
    const entry = await this.log.append(final, key, takesBack, learnt);
    const durable = this.log.unsaved === 0;
    if (verdict === "refuse") await this.rush.unspend(scan.place);
    this.log.note(this.book, { key, entry, before: takesBack, learnt }, this.#device);
    this.store.set({ unsent: this.log.scans });
    if (this.store.state.online) void this.flush();
    else void this.relay.tell();
    return durable;
  }

  /** Sends what still waits. */
  async flush() {
    const { device, revoked } = this.store.state;
    if (!device || revoked) return;
    void this.relay.tell();
    await this.upload.flush(device.token).catch((error) => this.failed(error));
  }

  /**
   * @param {unknown} error of a request
   * @returns {null}
   */
  failed(error) {
    if (error instanceof Refused && error.status === 401) this.store.set({ revoked: true });
    else if (error instanceof NoAnswer || error instanceof Refused) this.store.set({ online: false });
    else throw error;
    return null;
  }

  get #device() {
    return this.store.state.device?.device ?? "";
  }

  /**
   * The count in the corner, until the server tells it.
   *
   * @param {string} code
   * @param {number} more
   */
  #count(code, more) {
    const screening = this.store.state.screenings.get(code);
    if (!screening || more === 0) return;
    const { admitted, capacity } = screening;
    this.store.setOccupancy(code, { admitted: admitted + more, capacity });
  }
}

/**
 * The ticket that only its code tells of.
 *
 * @param {Open} open
 */
function learntFrom({ found }) {
  return found?.known?.unlisted ? found.known : undefined;
}
