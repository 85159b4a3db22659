/**
 * The usher's desk: from a code to a card, and from the usher's decision to a statement. Online only: a card
 * is green only when the server has said so.
 */

import { NoAnswer, Refused, sendScans } from "./api.js";
import { cardFor, unansweredCard } from "./card.js";
import { parse } from "./codes.js";
import { uuid7 } from "./uuid.js";
import { Speech } from "./words/index.js";

/** @typedef {import("./types.js").Scan} Scan */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./card.js").Action} Action */

export const UNDO_MS = 30_000;

// What a final statement says of a scan whose answer never came and that the usher gave up: nobody was
// admitted on it, and it was not the guest's fault.
const UNANSWERED = "stale";

export class Desk {
  /** @type {{scan: Scan, answer: Answer | null} | null} the scan whose card is on the screen */
  #open = null;
  /** Whether an upload of finals is on its way; a second one would only repeat it. */
  #flushing = false;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {import("./memory.js").Memory} parts.memory
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {() => import("./card.js").Scene | null} parts.scene
   * @param {(tone: import("./card.js").Tone) => void} parts.signal sound and vibration
   */
  constructor({ store, clock, memory, outbox, scene, signal }) {
    this.store = store;
    this.clock = clock;
    this.memory = memory;
    this.outbox = outbox;
    this.scene = scene;
    this.signal = signal;
  }

  /** Whether a new code may be taken: not while one is checked, nor while a card waits for a decision. */
  get free() {
    const { checking, card } = this.store.state;
    return !checking && !card?.actions.some((action) => action === "card_seen" || action === "retry");
  }

  /**
   * Takes a code from the camera, a hand or a scanner that types.
   *
   * @param {string} text
   * @returns {boolean} whether it has the form of a ticket's code
   */
  take(text) {
    const { choice, direction } = this.store.state;
    const parsed = parse(text);
    if (parsed.kind === "not_a_ticket") return false;
    if (!choice || !this.free) return true;
    const seq = Number(this.memory.read("seq") ?? 0) + 1;
    this.memory.write("seq", seq);
    void this.#ask({
      id: uuid7(this.clock.phone(), crypto.getRandomValues(new Uint8Array(10))),
      code: parsed.canonical,
      screening: choice.screening,
      hall: choice.hall,
      at: this.clock.stamp(),
      seq,
      offline: false,
      direction,
      gate: choice.gate,
    });
    return true;
  }

  /**
   * Carries out the part of a card's button that concerns the scan.
   *
   * @param {Action} action
   */
  act(action) {
    const open = this.#open;
    if (action === "retry" && open) return void this.#ask(open.scan);
    if (action === "card_seen" && open?.answer) this.#remember(open.scan, open.answer);
    if (action === "no_card" && open) this.#state(open.scan, "ok_attention");
    if (action === "next" && open && !open.answer) this.#state(open.scan, UNANSWERED);
    this.#open = null;
    this.store.set({ card: null });
  }

  /** Takes the last admission back. */
  undo() {
    const { last } = this.store.state;
    if (!last || last.undone || this.clock.phone() - last.at > UNDO_MS) return;
    this.store.set({ last: { ...last, undone: true } });
    this.#state(last.scan, "undo");
  }

  /** Sends the finals that are still waiting. */
  async flush() {
    const { device } = this.store.state;
    if (!device || this.#flushing || this.outbox.size === 0) return;
    this.#flushing = true;
    try {
      await this.#send(device.token, this.outbox.batch());
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#flushing = false;
    }
  }

  /** @param {Scan} scan */
  async #ask(scan) {
    const { device } = this.store.state;
    if (!device) return;
    this.store.set({ checking: true, card: null, hint: null });
    this.#open = { scan, answer: null };
    try {
      const answers = await this.#send(device.token, this.outbox.batch(scan));
      const answer = answers.get(scan.id);
      if (!answer) throw new NoAnswer("the scan is missing from the results");
      this.#show(scan, answer);
    } catch (error) {
      this.#failed(error);
      if (this.store.state.revoked) this.#open = null;
      else this.#lay(unansweredCard(new Speech(this.store.state.language)));
    } finally {
      this.store.set({ checking: false });
    }
  }

  /**
   * @param {string} token
   * @param {Scan[]} batch
   * @returns {Promise<Map<string, Answer>>} by id
   */
  async #send(token, batch) {
    const sentAt = new Date(this.clock.phone()).toISOString();
    const { results } = await sendScans(token, batch, sentAt);
    const answers = new Map(results.map((answer) => [answer.id, answer]));
    this.outbox.settle(batch, new Set(answers.keys()));
    this.store.set({ online: true, unsent: this.outbox.size });
    for (const scan of batch) {
      const occupancy = answers.get(scan.id)?.occupancy;
      if (occupancy) this.store.setOccupancy(scan.screening, occupancy);
    }
    return answers;
  }

  /**
   * @param {Scan} scan
   * @param {Answer} answer
   */
  #show(scan, answer) {
    const scene = this.scene();
    this.#open = { scan, answer };
    if (answer.verdict === "none" || !scene) return void this.store.set({ hint: answer.reason });
    this.#lay(cardFor(answer, scene));
    if (answer.verdict === "admit" && answer.reason !== "ok_attention" && scan.direction === "in") {
      this.#remember(scan, answer);
    }
  }

  /** @param {import("./card.js").Card} card */
  #lay(card) {
    this.store.set({ card });
    this.signal(card.tone);
  }

  /**
   * @param {Scan} scan
   * @param {Answer} answer
   */
  #remember(scan, answer) {
    this.store.set({ last: { scan, ticket: answer.ticket ?? null, at: this.clock.phone(), undone: false } });
  }

  /**
   * States that nobody was let in on this scan after all.
   *
   * @param {Scan} scan
   * @param {string} reason
   */
  #state(scan, reason) {
    this.outbox.add({ ...scan, verdict: "refuse", reason });
    this.store.set({ unsent: this.outbox.size });
    void this.flush();
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof Refused && error.status === 401) this.store.set({ revoked: true });
    else if (error instanceof NoAnswer || error instanceof Refused) this.store.set({ online: false });
    else throw error;
  }
}
