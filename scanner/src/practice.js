/**
 * The desk while ushers practise: sample codes show their cards, and nothing is asked, written or counted. It ends
 * with the page at the latest, since nothing of it is kept.
 */

import { cardFor } from "./card.js";
import { parse } from "./codes.js";
import { sampleAnswer, sampleReason } from "./samples.js";

/** @typedef {import("./card.js").Action} Action */

export class Practice {
  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {() => import("./card.js").Scene | null} parts.scene
   * @param {(tone: import("./card.js").Tone) => void} parts.signal
   */
  constructor({ store, scene, signal }) {
    this.store = store;
    this.scene = scene;
    this.signal = signal;
  }

  begin() {
    this.store.set({ practice: true, card: null, last: null, direction: "in" });
  }

  end() {
    this.store.set({ practice: false, card: null });
  }

  /** Whether a new code may be taken, as at the desk. */
  get free() {
    return !this.store.state.card?.actions.includes("card_seen");
  }

  /**
   * Takes a code from the camera, a hand or a scanner that types.
   *
   * @param {string} text
   * @returns {boolean} whether it has the form of a ticket's code
   */
  take(text) {
    const { kind, canonical } = parse(text);
    if (kind === "not_a_ticket") return false;
    if (!this.free) return true;
    const reason = sampleReason(canonical);
    if (reason) this.#show(reason);
    else this.#refuseReal();
    return true;
  }

  /** @param {Action} action a card's button */
  act(action) {
    this.store.set({ card: null });
    if (action === "end_practice") this.end();
    if (action === "card_seen" || action === "override") this.#show("ok");
  }

  /** @param {string} reason */
  #show(reason) {
    const scene = this.scene();
    if (!scene) return;
    this.#lay(cardFor(sampleAnswer(reason, scene, this.store.state), scene));
  }

  /** Who shows a ticket of his own is not let in by mistake, nor sent away. */
  #refuseReal() {
    const speech = this.scene()?.speech;
    if (!speech) return;
    const lines = [speech.say("practice.real_advice")];
    const title = speech.say("practice.real");
    this.#lay({ reason: "practice", tone: "att", title, big: [], lines, strong: "", actions: ["end_practice", "next"] });
  }

  /** @param {import("./card.js").Card} card */
  #lay(card) {
    this.store.set({ card });
    this.signal(card.tone);
  }
}
