/** The log's way to the server: one request at a time, oldest entries first, an answer for each. */

import { handOver, sendScans } from "./api.js";

/** @typedef {import("./types.js").Answer} Answer */

export class Upload {
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();
  #flushing = false;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {import("./log.js").Log} parts.log
   */
  constructor({ store, clock, log }) {
    this.store = store;
    this.clock = clock;
    this.log = log;
  }

  /**
   * Sends what waits, up to one batch.
   *
   * @param {string} token
   * @param {{patient: boolean}} how whether nobody stands before the phone
   * @returns {Promise<Map<string, Answer>>} by id
   */
  send(token, { patient }) {
    const sent = this.#turn.then(() => this.#send(token, patient));
    this.#turn = sent.catch(() => {});
    return sent;
  }

  /**
   * Sends all that waits.
   *
   * @param {string} token
   */
  async flush(token) {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      let before = Infinity;
      // An answer that settles nothing would be asked for again for ever.
      while (this.log.size > 0 && this.log.size < before) {
        before = this.log.size;
        await this.send(token, { patient: true });
      }
    } finally {
      this.#flushing = false;
    }
  }

  /**
   * @param {string} token
   * @param {boolean} patient
   */
  async #send(token, patient) {
    const batch = this.log.batch();
    /** @type {Map<string, Answer>} */
    const answers = new Map();
    if (batch.length === 0) return answers;
    const sentAt = new Date(this.clock.phone()).toISOString();
    const { results } = await (this.store.state.revoked
      ? handOver(token, batch, sentAt)
      : sendScans(token, batch, sentAt, patient));
    for (const answer of results) answers.set(answer.id, answer);
    await this.log.settle(batch, new Set(answers.keys()));
    this.store.set({ online: true, unsent: this.log.scans });
    for (const scan of batch) {
      const occupancy = answers.get(scan.id)?.occupancy;
      if (occupancy) this.store.setOccupancy(scan.screening, occupancy);
    }
    return answers;
  }
}
