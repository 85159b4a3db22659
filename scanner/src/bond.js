/** The phone's tie to the server: its pairing, its goodbye, and what it does once staff have revoked it. */

import { NoAnswer, Refused, pair } from "./api.js";

export class Bond {
  /** @type {Promise<void> | null} */
  #farewell = null;
  /** The server does not know this phone at all, so there is nobody to hand over to. */
  unknown = false;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./memory.js").Memory} parts.memory
   * @param {import("./keeper.js").Keeper} parts.keeper
   * @param {import("./log.js").Log} parts.log
   * @param {import("./upload.js").Upload} parts.upload
   * @param {import("./register.js").Register} parts.register
   * @param {import("./sync.js").Syncing} parts.syncing
   * @param {import("./rush.js").Rush} parts.rush
   */
  constructor({ store, memory, keeper, log, upload, register, syncing, rush }) {
    this.store = store;
    this.memory = memory;
    this.keeper = keeper;
    this.log = log;
    this.upload = upload;
    this.register = register;
    this.syncing = syncing;
    this.rush = rush;
  }

  /** Everything that this phone scanned has reached the server, or nobody there would take it. */
  get over() {
    return this.log.size === 0 || this.unknown;
  }

  /** @param {string} code eight letters */
  async pair(code) {
    const device = await pair(code);
    this.memory.write("device", device);
    this.syncing.restart();
    void navigator.storage?.persist?.();
    this.store.set({ device, revoked: false });
    await Promise.all([this.register.flush(), this.syncing.now()]);
  }

  /** Forgets the pairing, after a last try to send what waits. */
  async end() {
    await (this.store.state.revoked ? this.handOver() : this.register.flush());
    for (const name of ["device", "choice", "training"]) this.memory.drop(name);
    await this.rush.forget();
    // What could not be sent goes with the next pairing: those scans happened all the same.
    await (this.log.size === 0 ? this.keeper.clear() : this.keeper.forgetTickets());
    // The browser asks only before what the disk has refused.
    this.store.set({ unsent: this.log.unsaved });
    location.reload();
  }

  /** What a revoked phone does at once: it knows nothing more, and hands over what it has scanned. */
  farewell() {
    this.#farewell ??= this.#forget().then(() => this.handOver());
    return this.#farewell;
  }

  /** Hands the log over, for staff to decide on; wiped is what the server has answered for. */
  async handOver() {
    const { device } = this.store.state;
    if (!device || this.unknown) return;
    try {
      await this.upload.flush(device.token);
      if (this.log.size === 0) await this.keeper.clear();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.unknown = true;
      else if (error instanceof NoAnswer || error instanceof Refused) this.store.set({ online: false });
      else throw error;
    }
    this.store.set({ unsent: this.log.scans });
  }

  async #forget() {
    for (const name of ["choice", "training", "usher"]) this.memory.drop(name);
    this.syncing.restart();
    await this.rush.forget();
    this.store.set({
      festival: null, pins: {}, keys: [], halls: new Map(), screenings: new Map(), syncedAt: 0, choice: null, card: null, last: null,
      practice: false,
    });
    await this.keeper.forgetTickets();
  }
}
