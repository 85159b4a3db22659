/**
 * The venue's relay, if the phone's way to the server leads through one. While the server is away it knows who was
 * let in at this venue's other doors. It decides nothing: the phone asks it who is in, and judges with that.
 */

import { NoAnswer, Refused, claim } from "./api.js";
import { decide } from "./decide.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./book.js").Admitted} Admitted */
/** @typedef {import("./book.js").Known} Known */

/** A relay is near. One that takes longer is as good as none: a guest waits. */
export const WAIT_MS = 400;

export class Relay {
  /** The newest statement of the log that it has; told twice, one does no harm. */
  #told = 0;

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
   * Decides without the server, but with who is in at the venue's other doors. If somebody is to be let in, the relay
   * counts that from then on, until this phone states otherwise.
   *
   * @param {import("./register.js").Open} open
   * @param {import("./decide.js").Facts} facts
   * @returns {Promise<Answer>}
   */
  async decide(open, facts) {
    const alone = decide(facts);
    const { known, direction } = facts;
    const dependsOnOthers = alone.verdict === "admit" || alone.reason === "already_in";
    if (!known || direction === "out" || !dependsOnOthers || !this.store.state.relayed) return alone;
    const { id, at, gate } = open.scan;
    // What this phone itself has shown, the relay is told; the book has it by the phone's own clock.
    const held = this.log.hasShown(open.key) ? null : known.admission;
    const answer = await this.#tell({ id, key: open.key, at: this.#corrected(at), gate, held });
    if (!answer) return alone;
    open.before = answer.admission;
    const told = decide({ ...facts, known: { ...known, admission: answer.admission } });
    return { ...told, relayed: told.reason === "already_in" };
  }

  /** Tells what this phone has shown since it last told. */
  async tell() {
    const { online, relayed } = this.store.state;
    // What the server hears, the relay hears on the way.
    if (online || !relayed || this.log.statementsAfter(this.#told).length === 0) return;
    await this.#tell();
  }

  /**
   * Sends statements, and behind the last of them what is wanted.
   *
   * @param {{id: string, key: string, at: string, gate: string, held: Admitted | null}} [wanted]
   * @returns {Promise<{admission: Admitted | null} | null>} null when no relay answered
   */
  async #tell(wanted) {
    const { device } = this.store.state;
    if (!device) return null;
    const began = performance.now();
    try {
      for (;;) {
        const records = this.log.statementsAfter(this.#told);
        const last = records.at(-1)?.seq ?? this.#told;
        const isAll = this.log.statementsAfter(last).length === 0;
        const told = { statements: records.map((one) => this.#statement(one)), ...(isAll && wanted && { wanted }) };
        const answer = await claim(device.token, told, WAIT_MS);
        this.#told = Math.max(this.#told, last);
        if (isAll) return answer;
      }
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof Refused)) throw error;
      // The next one may be another relay, or the same without its memory.
      this.#told = 0;
      // One that is being started refuses at once, and can be asked again at once. One that hangs is asked again
      // when it has answered a sync: guests would wait.
      const hangs = performance.now() - began >= WAIT_MS / 2;
      if (error instanceof NoAnswer) this.store.set({ relayed: error.relayed ?? (hangs ? "" : this.store.state.relayed) });
      return null;
    }
  }

  /** @param {import("./log.js").LogRecord} record */
  #statement({ key, entry: { id, at, gate, seq, direction, verdict } }) {
    return { id, key, at: this.#corrected(at), gate, seq, direction, verdict };
  }

  /** @param {string} at by the phone's own clock */
  #corrected(at) {
    return new Date(this.clock.corrected(at)).toISOString();
  }
}
