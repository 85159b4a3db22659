/** @typedef {import("./types.js").Scan} Scan */

/** The server takes this many scans at once. */
const BATCH = 200;

/**
 * Final statements that the server has not answered yet, kept on the phone. They go before the next ask, so
 * that a lost answer leaves no phantom admission.
 */
export class Outbox {
  /** @param {import("./memory.js").Memory} memory */
  constructor(memory) {
    this.memory = memory;
    const kept = memory.read("outbox");
    /** @type {Scan[]} */
    this.finals = Array.isArray(kept) ? kept : [];
  }

  get size() {
    return this.finals.length;
  }

  /** @param {Scan} final */
  add(final) {
    this.finals = [...this.finals, final];
    this.memory.write("outbox", this.finals);
  }

  /**
   * The next batch: finals first, then the ask.
   *
   * @param {Scan} [ask]
   */
  batch(ask) {
    const finals = this.finals.slice(0, ask ? BATCH - 1 : BATCH);
    return ask ? [...finals, ask] : finals;
  }

  /**
   * Forgets the finals of a batch that the server has answered for, one by one.
   *
   * @param {Scan[]} batch
   * @param {Set<string>} answered ids
   */
  settle(batch, answered) {
    const left = this.finals.filter((final) => !(batch.includes(final) && answered.has(final.id)));
    if (left.length === this.finals.length) return;
    this.finals = left;
    this.memory.write("outbox", left);
  }
}
