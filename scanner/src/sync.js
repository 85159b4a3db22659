import { NoAnswer, Refused, lease, sync } from "./api.js";
import { batteryPercent } from "./battery.js";
import { WANTED } from "./rush.js";

/** @typedef {import("./types.js").SyncAnswer} SyncAnswer */

const EVERY_MS = 8_000;
/** How often the server is asked whether nothing was missed: it has to read everything for that. */
const COMPARE_EVERY_MS = 600_000;
/** Writing all tickets takes a moment, so what a delta brings is kept at the next of these. */
const KEEP_EVERY_MS = 60_000;

/** Keeps tickets, programme and counts fresh while the page is seen, and on the phone's disk. */
export class Syncing {
  #dueAt = 0;
  #compareAt = 0;
  #keepAt = 0;
  /** @type {Promise<void> | null} */
  #running = null;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {import("./book.js").Book} parts.book
   * @param {Pick<import("./keeper.js").Keeper, "read" | "write">} parts.keeper
   * @param {import("./log.js").Log} parts.log
   * @param {import("./rush.js").Rush} parts.rush
   */
  constructor({ store, clock, book, keeper, log, rush }) {
    this.store = store;
    this.clock = clock;
    this.book = book;
    this.keeper = keeper;
    this.log = log;
    this.rush = rush;
  }

  /** Takes up what an earlier visit kept, so that a start without a network knows the tickets. */
  async restore() {
    const [tickets, programme] = await Promise.all([this.keeper.read("tickets"), this.keeper.read("programme")]);
    if (this.store.state.festival || !programme) return;
    const { festival, pins, keys = [], halls, screenings, syncedAt, offset } = /** @type {any} */ (programme);
    this.book.unpack(tickets);
    await this.rush.restore();
    this.log.tell(this.book, this.store.state.device?.device ?? "");
    this.clock.offset = offset;
    this.store.set({ festival, pins, keys, halls: new Map(halls), screenings: new Map(screenings), syncedAt });
  }

  /** Asks for everything anew, as after another pairing. */
  restart() {
    this.book.clear();
  }

  /** Syncs when it is time again. */
  async whenDue() {
    if (this.clock.ticks() >= this.#dueAt) await this.now();
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
    try {
      // Nobody waits for this phone once it says that nothing is unsent: what is being written counts.
      await this.log.written();
      const state = { unsent: this.log.scans, battery: await batteryPercent(), digest: await this.#digest(), ...this.#line() };
      const askedAt = this.clock.phone();
      const answer = await sync(device.token, this.book.cursor, state);
      if (this.store.state.device?.token !== device.token || this.store.state.revoked) return;
      this.clock.learn(answer.server_time, askedAt);
      this.#dueAt = this.clock.ticks() + EVERY_MS;
      this.store.set({ relayed: answer.relayed });
      this.#apply(answer);
      await this.#follow(device.token, answer.rush ?? null);
      await this.#keep(answer.full, answer.screenings.length > 0);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) this.store.set({ revoked: true });
      else if (error instanceof NoAnswer) {
        this.store.set({ online: false, relayed: error.relayed ?? this.store.state.relayed });
      } else if (error instanceof Refused) this.store.set({ online: false });
      else throw error;
    }
  }

  /** What the phone says of rush lines: where it stands, what it knows there, which releases it knows of. */
  #line() {
    const { choice, screenings, storageFull } = this.store.state;
    const { told } = this.rush;
    const now = this.clock.server();
    const released = [...screenings.values()].filter((one) => one.released_at && Date.parse(one.doors_close) > now);
    return {
      screening: choice?.screening ?? "",
      rush: told && told.screening === choice?.screening ? told.digest : "",
      settled: storageFull ? [] : released.map(({ code }) => code),
    };
  }

  /**
   * Takes in what is new of the line, and has a few places at hand; at another door it gives them back.
   *
   * @param {string} token
   * @param {import("./types.js").RushTold | null} news
   */
  async #follow(token, news) {
    const { rush } = this;
    const here = this.store.state.choice?.screening ?? null;
    if (rush.told && rush.told.screening !== here) {
      const { screening } = rush.told;
      const places = rush.unspent.map(({ place }) => place);
      await rush.forget();
      if (places.length > 0) await lease(token, screening, 0, places);
    }
    if (news && news.screening === here) await rush.learn(news);
    const { told, unspent } = rush;
    if (told?.released_at && told.free > 0 && unspent.length < WANTED) {
      const { rush: more } = await lease(token, told.screening, WANTED);
      if (more && more.screening === here) await rush.learn(more);
    }
    this.log.tell(this.book, this.store.state.device?.device ?? "");
    this.store.set({ line: rush.told && { called: rush.told.called, left: rush.told.free + rush.told.leased } });
  }

  async #digest() {
    const now = this.clock.ticks();
    if (this.book.cursor === null || now < this.#compareAt) return null;
    this.#compareAt = now + COMPARE_EVERY_MS;
    return this.book.digest();
  }

  /** @param {SyncAnswer} answer */
  #apply(answer) {
    this.book.apply(answer);
    // What this phone has not sent, the answer cannot know.
    this.log.tell(this.book, this.store.state.device?.device ?? "");
    if (answer.full) this.#compareAt = this.clock.ticks() + COMPARE_EVERY_MS;
    const { halls, screenings } = this.store.state;
    const programme = merged(answer.all_screenings ? new Map() : screenings, answer.screenings);
    for (const [code, admitted] of Object.entries(answer.occupancy)) {
      const screening = programme.get(code);
      if (screening && screening.admitted !== admitted) programme.set(code, { ...screening, admitted });
    }
    this.store.set({
      festival: answer.festival ?? this.store.state.festival,
      pins: answer.policy ? (answer.policy.pins ?? {}) : this.store.state.pins,
      keys: answer.policy ? answer.keys : this.store.state.keys,
      halls: merged(answer.full ? new Map() : halls, answer.halls),
      screenings: programme,
      syncedAt: this.clock.phone(),
      minutesOff: this.clock.minutesOff,
      online: true,
    });
  }

  /**
   * The programme is small, and must be on the disk before the phone says which releases it knows of: switched on
   * again without a network, it would otherwise let people in on seats that were given away.
   *
   * @param {boolean} atOnce
   * @param {boolean} programmeToo
   */
  async #keep(atOnce, programmeToo) {
    const now = this.clock.ticks();
    const all = atOnce || now >= this.#keepAt;
    if (!all && !programmeToo) return;
    const { festival, pins, keys, halls, screenings, syncedAt } = this.store.state;
    const { offset } = this.clock;
    const programme = { festival, pins, keys, halls: [...halls], screenings: [...screenings], syncedAt, offset };
    await this.keeper.write("programme", programme);
    if (!all) return;
    this.#keepAt = now + KEEP_EVERY_MS;
    await this.keep();
  }

  /** Writes the tickets; where the disk lacks room, those of this door's screening alone. */
  async keep() {
    const { choice, storageFull } = this.store.state;
    if (this.book.cursor !== null) await this.keeper.write("tickets", this.book.pack(storageFull ? choice?.screening : ""));
  }
}

/**
 * @template {{code: string}} T
 * @param {ReadonlyMap<string, T>} kept
 * @param {T[]} changed
 * @returns {Map<string, T>}
 */
function merged(kept, changed) {
  return new Map([...kept, ...changed.map((item) => /** @type {const} */ ([item.code, item]))]);
}
