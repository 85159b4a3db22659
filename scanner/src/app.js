import { pair } from "./api.js";
import { Clock } from "./clock.js";
import { chooseView } from "./choose-view.js";
import { Desk } from "./desk.js";
import { openMenuDialog, openTypingDialog } from "./dialogs.js";
import { Eye } from "./eye.js";
import { Outbox } from "./outbox.js";
import { pairView } from "./pair-view.js";
import { scanView } from "./scan-view.js";
import { Signals } from "./signals.js";
import { Syncing } from "./sync.js";
import { Calendar } from "./times.js";
import { WakeLock } from "./wake-lock.js";
import { Speech } from "./words/index.js";

/** @typedef {{element: HTMLElement, focus: () => void, update: () => void, close: () => void}} View */
/** @typedef {"pair" | "choose" | "scan"} Screen */

const VIEWS = { pair: pairView, choose: chooseView, scan: scanView };
const FALLBACK_ZONE = "Asia/Almaty";

/** The page: holds the parts together and carries out what the views ask for. */
export class App {
  clock = new Clock();
  signals = new Signals();
  wakeLock = new WakeLock();
  calendar = new Calendar(FALLBACK_ZONE);
  gate = "A";
  /** @type {Screen | null} */
  #screen = null;
  /** @type {View | null} */
  #view = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./store.js").Store} store
   * @param {import("./memory.js").Memory} memory
   * @param {string} invitation a pairing code from the address, or nothing
   */
  constructor(root, store, memory, invitation) {
    this.root = root;
    this.store = store;
    this.memory = memory;
    this.invitation = invitation;
    this.speech = new Speech(store.state.language);
    this.gate = store.state.choice?.gate ?? this.gate;
    this.syncing = new Syncing(store, this.clock);
    const outbox = new Outbox(memory);
    const signal = (/** @type {import("./card.js").Tone} */ tone) => this.signals.give(tone);
    this.desk = new Desk({ store, clock: this.clock, memory, outbox, scene: () => this.#scene(), signal });
    this.eye = new Eye({
      mayLook: () => this.desk.free && !store.state.card && !store.movedTo && !this.#dialog,
      onCode: (text) => void (this.desk.take(text) || store.set({ hint: "not_a_ticket" })),
      onCamera: (lost) => store.set({ cameraLost: lost }),
      onChange: () => this.render(),
    });
    this.clock.training = /** @type {Clock["training"] | undefined} */ (memory.read("training")) ?? null;
    store.set({ unsent: outbox.size, training: this.clock.training !== null });
    store.addEventListener("change", () => this.render());
  }

  /** Shows the screen that fits the state, and brings it up to date. */
  render() {
    const { device, choice, festival } = this.store.state;
    if (festival && festival.time_zone !== this.calendar.zone) this.calendar = new Calendar(festival.time_zone);
    const screen = !device ? "pair" : !choice ? "choose" : "scan";
    if (screen === this.#screen) return this.#view?.update();
    this.#screen = screen;
    this.#mount();
    if (screen === "scan") {
      void this.eye.start();
      void this.wakeLock.hold();
    } else {
      this.eye.stop();
      void this.wakeLock.release();
    }
  }

  /** @param {string} code eight letters */
  async pair(code) {
    const device = await pair(code);
    this.memory.write("device", device);
    this.syncing.restart();
    this.store.set({ device, revoked: false });
    await this.syncing.now();
  }

  /** Forgets the pairing, after a last try to send what waits. */
  async disconnect() {
    await this.desk.flush();
    for (const name of ["device", "choice", "outbox", "training"]) this.memory.drop(name);
    this.store.set({ unsent: 0 });
    location.reload();
  }

  /** @param {import("./types.js").Screening} screening */
  choose({ code, hall, doors_open: doorsOpen }) {
    const choice = { screening: code, hall, gate: this.gate };
    this.memory.write("choice", choice);
    if (this.store.state.training) this.clock.train(Date.parse(doorsOpen));
    this.memory.write("training", this.clock.training);
    this.store.set({ choice, card: null, last: null });
  }

  /** Back to the choice of a screening. */
  leave() {
    for (const name of ["choice", "training"]) this.memory.drop(name);
    this.clock.training = null;
    this.store.set({ choice: null, card: null, last: null, direction: "in" });
  }

  /** @param {import("./types.js").Language} language */
  setLanguage(language) {
    this.memory.write("language", language);
    this.speech = new Speech(language);
    document.documentElement.lang = language;
    this.#dialog?.close();
    this.store.set({ language });
    this.#mount();
  }

  /** @param {import("./card.js").Action} action a card's button */
  act(action) {
    if (action === "reload") return location.reload();
    if (action === "choose") return this.leave();
    if (action === "next" && this.store.state.card?.actions.includes("retry")) this.eye.forget();
    this.desk.act(action);
    if (action === "sync") this.refresh();
    if (action === "type") this.openTyping();
  }

  undo() {
    this.desk.undo();
    this.eye.forget();
  }

  /** What happens every few seconds while the page is seen. */
  tick() {
    void this.desk.flush();
    void this.syncing.whenDue();
  }

  /** Asks the server for everything that waits, in both directions. */
  refresh() {
    void this.desk.flush();
    void this.syncing.now();
  }

  /** @param {string} text */
  takeTyped(text) {
    this.eye.stir();
    return this.desk.take(text);
  }

  openTyping() {
    openTypingDialog(this);
  }

  openMenu() {
    openMenuDialog(this);
  }

  /** Tries once more whether the storage takes anything. */
  tryStorage() {
    this.store.set({ storageFull: false });
    this.memory.write("language", this.store.state.language);
  }

  /** @returns {HTMLDialogElement | null} */
  get #dialog() {
    return document.querySelector("dialog[open]");
  }

  #mount() {
    if (!this.#screen) return;
    this.#view?.close();
    this.#view = VIEWS[this.#screen](this);
    this.root.replaceChildren(this.#view.element);
    document.title = `${this.speech.say("noun.scanner")} · Kassa`;
    this.#view.focus();
  }

  /** @returns {import("./card.js").Scene | null} */
  #scene() {
    const { choice, device, syncedAt } = this.store.state;
    const { screening } = this.store;
    if (!choice || !screening) return null;
    return {
      speech: this.speech,
      calendar: this.calendar,
      now: this.clock.now(),
      screening,
      hall: choice.hall,
      device: device?.device ?? "",
      minutesSinceSync: Math.floor((this.clock.phone() - syncedAt) / 60_000),
    };
  }
}
