/**
 * The usher's desk: from a code to a card, and from the usher's decision to a statement. The server refines what
 * the phone knows; without an answer in time the phone decides alone. Green comes after the log's entry is durable.
 */

import { NoAnswer } from "./api.js";
import { keyOf } from "./book.js";
import { cardFor, unansweredCard, unsavedCard } from "./card.js";
import { parse } from "./codes.js";
import { lookUp } from "./look-up.js";
import { bringPlace, followPlace } from "./place-in-hand.js";
import { codeOf, newScan } from "./scan.js";
import { mayOverride } from "./verdict.js";
import { Speech } from "./words/index.js";

/** @typedef {Omit<import("./types.js").Scan, "seq" | "prev">} Scan */
/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./card.js").Action} Action */
/** @typedef {import("./register.js").Open} Open */

export const UNDO_MS = 30_000;
/** How long a guest waits for the server when the phone knows the ticket itself, and when it does not. */
export const PATIENCE_MS = 600;
const UNKNOWN_PATIENCE_MS = 1_500;

// What a final statement says of a scan whose answer never came and that the usher gave up: nobody was
// admitted on it, and it was not the guest's fault.
const UNANSWERED = "stale";

export class Desk {
  /** @type {Open | null} */
  #open = null;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {import("./book.js").Book} parts.book
   * @param {import("./log.js").Log} parts.log
   * @param {import("./upload.js").Upload} parts.upload
   * @param {import("./register.js").Register} parts.register
   * @param {import("./rush.js").Rush} parts.rush
   * @param {import("./relay.js").Relay} parts.relay
   * @param {() => import("./card.js").Scene | null} parts.scene
   * @param {(tone: import("./card.js").Tone) => void} parts.signal sound and vibration
   */
  constructor(parts) {
    this.parts = parts;
    this.store = parts.store;
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
    const { kind, canonical } = parse(text);
    if (kind === "not_a_ticket") return false;
    this.#begin({ code: canonical }, "");
    return true;
  }

  /** @param {import("./types.js").Guest} guest whose ticket was found without its code */
  takeFound({ ticket, key }) {
    this.#begin({ ticket }, key);
  }

  /**
   * Carries out the part of a card's button that concerns the scan.
   *
   * @param {Action} action
   */
  act(action) {
    const open = this.#open;
    if (action === "retry" && open) return void this.#judge(open, true);
    this.#open = null;
    this.store.set({ card: null });
    if (!open) return;
    if (action === "card_seen" && open.answer) void this.#letIn(open, open.answer);
    if (action === "no_card") void this.parts.register.state(open, "refuse", "ok_attention");
    if (action === "next" && !open.answer) void this.parts.register.state(open, "refuse", UNANSWERED);
  }

  /**
   * Lets in whom the card refuses: a supervisor has said so.
   *
   * @param {string} reason
   */
  async override(reason) {
    const open = this.#open;
    const scene = this.parts.scene();
    if (!open?.answer || !scene || !mayOverride(open.answer.reason)) return;
    this.#open = null;
    const durable = await this.parts.register.overrule(open, open.answer, reason);
    const card = cardFor({ ...open.answer, verdict: "admit", reason: "ok" }, scene);
    this.#lay(durable ? card : unsavedCard(card, scene.speech));
  }

  /** Takes the last admission back. */
  undo() {
    const { last } = this.store.state;
    if (!last || last.undone || this.parts.clock.ticks() - last.at > UNDO_MS) return;
    this.store.set({ last: { ...last, undone: true } });
    const { scan, key, before } = last;
    void this.parts.register.takeBack({ scan, key, before, asked: true, answer: null, alone: false, found: null, place: null });
  }

  /**
   * @param {{code: string} | {ticket: string}} named
   * @param {string} key empty when it is still to be found
   */
  #begin(named, key) {
    const { choice, direction } = this.store.state;
    if (!choice || !this.free) return;
    const scan = newScan(named, { choice, direction, ...this.parts });
    void this.#judge({ scan, key, asked: false, answer: null, alone: false, before: null, found: null, place: null });
  }

  /**
   * @param {Open} open
   * @param {boolean} [insists] the usher wants the server's word, although it was silent
   */
  async #judge(open, insists = false) {
    const { device, online } = this.store.state;
    const { book, rush } = this.parts;
    if (!device) return;
    this.store.set({ checking: true, card: null, hint: null });
    this.#open = open;
    try {
      open.key ||= await keyOf(open.scan.code ?? "");
      open.found = await lookUp(codeOf(open.scan), open.key, book, this.store.state);
      const { known } = open.found;
      open.before = known?.admission ?? null;
      await bringPlace(open, known, this.store.screening, rush);
      const answer = (online || insists) && this.parts.log.hasRoom ? await this.#askServer(open, device.token) : null;
      if (this.store.state.revoked) this.#open = null;
      else if (answer) await this.#show(open, answer);
      else await this.#decideAlone(open);
    } finally {
      this.store.set({ checking: false });
    }
  }

  /**
   * @param {Open} open
   * @param {string} token
   * @returns {Promise<Answer | null>} null when none came in time
   */
  async #askServer(open, token) {
    const { book, log, upload, register } = this.parts;
    if (!open.asked) await log.append(open.scan, open.key);
    open.asked = true;
    const sent = upload.send(token, { patient: false }).then(
      (answers) => answers.get(open.scan.id) ?? register.failed(new NoAnswer("the scan is missing from the results")),
      (error) => register.failed(error),
    );
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const patience = book.find(open.key) ? PATIENCE_MS : UNKNOWN_PATIENCE_MS;
    const late = new Promise((resolve) => (timer = setTimeout(() => resolve(null), patience)));
    const answer = await Promise.race([sent, late]);
    clearTimeout(timer);
    return answer;
  }

  /** @param {Open} open */
  async #decideAlone(open) {
    const { book, clock, rush, relay } = this.parts;
    const { choice, screenings, halls, syncedAt } = this.store.state;
    if (book.cursor === null || !choice) return this.#lay(unansweredCard(new Speech(this.store.state.language)));
    open.alone = true;
    const { key, found, scan: { id, direction } } = open;
    const [now, ageSeconds] = [clock.now(), clock.age(syncedAt) / 1000];
    // A sync may have told of the ticket while the server was asked.
    const [code, known] = [codeOf(open.scan), book.find(key) ?? found?.known ?? null];
    const line = rush.neededBy(known, code.kind, this.store.screening, direction);
    const signature = found?.signature ?? null;
    const facts = { id, code, known, signature, direction, line, place: open.place, choice, screenings, halls, now, ageSeconds };
    await this.#show(open, await relay.decide(open, facts));
  }

  /**
   * @param {Open} open
   * @param {Answer} answer
   */
  async #show(open, answer) {
    const scene = this.parts.scene();
    open.answer = answer;
    await followPlace(open, answer, this.parts.rush);
    if (answer.verdict === "none" || !scene) return void this.store.set({ hint: answer.reason });
    const admits = answer.verdict === "admit";
    if (admits && answer.reason !== "ok_attention") return void (await this.#letIn(open, answer, cardFor(answer, scene)));
    if (!admits && open.alone) await this.parts.register.state(open, "refuse", answer.relayed ? "relayed" : answer.reason);
    this.#lay(cardFor(answer, scene));
  }

  /**
   * Green only once it is durable.
   *
   * @param {Open} open
   * @param {Answer} answer
   * @param {import("./card.js").Card} [card] what is shown then; without one the usher has seen it
   */
  async #letIn(open, answer, card) {
    const durable = await this.parts.register.letIn(open, answer);
    const scene = this.parts.scene();
    if (!durable && scene) this.#lay(unsavedCard(card ?? cardFor(answer, scene), scene.speech));
    else if (card) this.#lay(card);
  }

  /** @param {import("./card.js").Card} card */
  #lay(card) {
    this.store.set({ card });
    this.parts.signal(card.tone);
  }
}
