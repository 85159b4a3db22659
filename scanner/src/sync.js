import { NoAnswer, Refused, sync } from "./api.js";
import { batteryPercent } from "./battery.js";

/** @typedef {import("./types.js").SyncAnswer} SyncAnswer */

/** A delta is small enough for every few seconds; a whole snapshot is not, on a phone's network. */
const DELTA_EVERY_MS = 10_000;
const FULL_EVERY_MS = 60_000;

/** Keeps the programme and the counts fresh while the page is seen. */
export class Syncing {
  /** @type {string | null} */
  #cursor = null;
  #dueAt = 0;
  /** @type {Promise<void> | null} */
  #running = null;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./clock.js").Clock} clock
   */
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Asks for everything anew, as after another pairing. */
  restart() {
    this.#cursor = null;
  }

  /** Syncs when it is time again. */
  async whenDue() {
    if (this.clock.phone() >= this.#dueAt) await this.now();
  }

  /** Syncs now; a call while one is running waits for that one. */
  now() {
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #once() {
    const { device } = this.store.state;
    if (!device) return;
    const askedAt = this.clock.phone();
    try {
      const state = { unsent: this.store.state.unsent, battery: await batteryPercent() };
      const answer = await sync(device.token, this.#cursor, state);
      if (this.store.state.device?.token !== device.token) return;
      this.clock.learn(answer.server_time, askedAt);
      this.#cursor = answer.cursor;
      this.#dueAt = this.clock.phone() + (answer.full ? FULL_EVERY_MS : DELTA_EVERY_MS);
      this.#apply(answer);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.store.set({ revoked: true });
      else if (error instanceof Refused || error instanceof NoAnswer) this.store.set({ online: false });
      else throw error;
    }
  }

  /** @param {SyncAnswer} answer */
  #apply(answer) {
    const { halls, screenings } = this.store.state;
    this.store.set({
      festival: answer.festival ?? this.store.state.festival,
      halls: merged(answer.full ? new Map() : halls, answer.halls),
      screenings: merged(answer.full ? new Map() : screenings, answer.screenings),
      syncedAt: this.clock.phone(),
      minutesOff: this.clock.minutesOff,
      online: true,
      revoked: false,
    });
  }
}

/**
 * @template {{code: string}} T
 * @param {ReadonlyMap<string, T>} kept
 * @param {T[] | undefined} changed
 * @returns {ReadonlyMap<string, T>}
 */
function merged(kept, changed = []) {
  return new Map([...kept, ...changed.map((item) => /** @type {const} */ ([item.code, item]))]);
}
