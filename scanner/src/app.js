import { Bond } from "./bond.js";
import { Clock } from "./clock.js";
import { chooseView } from "./choose-view.js";
import { openDialogs, openTypingDialog } from "./dialogs.js";
import { Eye } from "./eye.js";
import { makeParts } from "./parts.js";
import { Practice } from "./practice.js";
import { openOverride, openUsherPin } from "./pin-dialogs.js";
import { Pins } from "./pins.js";
import { pairView } from "./pair-view.js";
import { revokedView } from "./revoked-view.js";
import { scanView } from "./scan-view.js";
import { sceneOf } from "./scene.js";
import { Signals } from "./signals.js";
import { soon } from "./soon.js";
import { Calendar } from "./times.js";
import { Updates } from "./updates.js";
import { WakeLock } from "./wake-lock.js";
import { Speech } from "./words/index.js";

/** @typedef {{element: HTMLElement, focus: () => void, update: () => void, close: () => void}} View */
/** @typedef {"pair" | "revoked" | "choose" | "scan"} Screen */

const VIEWS = { pair: pairView, revoked: revokedView, choose: chooseView, scan: scanView };
const FALLBACK_ZONE = "Asia/Almaty";

/** The page: holds the parts together and carries out what the views ask for. */
export class App {
  clock = new Clock();
  signals = new Signals();
  wakeLock = new WakeLock();
  calendar = new Calendar(FALLBACK_ZONE);
  /** @type {Screen | null} */
  #screen = null;
  /** @type {View | null} */
  #view = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./store.js").Store} store
   * @param {import("./memory.js").Memory} memory
   * @param {import("./keeper.js").Keeper} keeper
   * @param {string} invitation a pairing code from the address, or nothing
   */
  constructor(root, store, memory, keeper, invitation) {
    this.root = root;
    this.store = store;
    this.memory = memory;
    this.keeper = keeper;
    this.invitation = invitation;
    this.speech = new Speech(store.state.language);
    this.gate = store.state.choice?.gate ?? "A";
    this.pins = new Pins({ store, memory, now: () => this.clock.server() });
    const signal = (/** @type {import("./card.js").Tone} */ tone) => this.signals.give(tone);
    const parts = makeParts({ store, clock: this.clock, keeper, scene: () => sceneOf(this), signal });
    this.log = parts.log;
    this.register = parts.register;
    this.rush = parts.rush;
    this.syncing = parts.syncing;
    this.realDesk = parts.desk;
    this.practice = new Practice({ store, scene: () => sceneOf(this), signal });
    this.bond = new Bond({ store, memory, keeper, ...parts });
    this.eye = new Eye({
      mayLook: () => this.atRest,
      onCode: (text) => void (this.desk.take(text) || store.set({ hint: "not_a_ticket" })),
      onCamera: (lost) => store.set({ cameraLost: lost }),
      onChange: () => this.render(),
    });
    this.updates = new Updates(this, navigator.serviceWorker, () => location.reload());
    this.clock.training = /** @type {Clock["training"] | undefined} */ (memory.read("training")) ?? null;
    store.set({ training: this.clock.training !== null });
    // A verdict changes the state six times, and is drawn once.
    store.addEventListener("change", soon(() => this.render()));
  }

  /** What takes codes: the desk, or the one to practise at. */
  get desk() {
    return this.store.state.practice ? this.practice : this.realDesk;
  }

  /** Nobody is being seen to. */
  get atRest() {
    return this.desk.free && !this.store.state.card && !this.store.movedTo && openDialogs().length === 0;
  }

  /** Takes up what an earlier visit has left on the phone. */
  async restore() {
    await this.log.load();
    await this.syncing.restore();
    this.store.set({ unsent: this.log.scans });
  }

  /** Shows the screen that fits the state, and brings it up to date. */
  render() {
    const { device, choice, festival, revoked } = this.store.state;
    if (festival && festival.time_zone !== this.calendar.zone) this.calendar = new Calendar(festival.time_zone);
    const screen = !device ? "pair" : revoked ? "revoked" : !choice ? "choose" : "scan";
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
    if (screen === "revoked") this.#sayGoodbye();
  }

  /** @param {import("./types.js").Screening} screening */
  choose(screening) {
    const { code, hall, day, doors_open: doorsOpen } = screening;
    if (this.pins.wantsUsher(day)) return openUsherPin(this, day, () => this.choose(screening));
    const choice = { screening: code, hall, gate: this.gate };
    this.memory.write("choice", choice);
    if (this.store.state.training) this.clock.train(Date.parse(doorsOpen));
    this.memory.write("training", this.clock.training);
    this.store.set({ choice, card: null, last: null, practice: false });
  }

  /** Back to the choice of a screening. */
  leave() {
    for (const name of ["choice", "training"]) this.memory.drop(name);
    this.clock.training = null;
    this.store.set({ choice: null, card: null, last: null, direction: "in", practice: false });
  }

  /** @param {import("./types.js").Language} language */
  setLanguage(language) {
    this.memory.write("language", language);
    this.speech = new Speech(language);
    document.documentElement.lang = language;
    for (const dialog of openDialogs()) dialog.close();
    this.store.set({ language });
    this.#mount();
  }

  /** @param {import("./card.js").Action} action a card's button */
  act(action) {
    if (this.store.state.practice) return this.practice.act(action);
    if (action === "reload") return void this.updates.take();
    if (action === "choose") return this.leave();
    if (action === "override") return openOverride(this, (reason) => void this.realDesk.override(reason));
    if (action === "next" && this.store.state.card?.actions.includes("retry")) this.eye.forget();
    this.desk.act(action);
    if (action === "sync") this.refresh();
    if (action === "type") openTypingDialog(this);
  }

  undo() {
    this.realDesk.undo();
    this.eye.forget();
  }

  /** What happens every few seconds while the page is seen. */
  tick() {
    if (this.log.unsaved > 0) void this.log.save();
    if (this.store.state.revoked) return void this.bond.handOver();
    void this.register.flush();
    void this.syncing.whenDue();
    void this.updates.whenDue();
  }

  /** Sends and asks for everything now. */
  refresh() {
    if (this.store.state.revoked) return;
    void this.register.flush();
    void this.syncing.now();
  }

  /** @param {string} text */
  takeTyped(text) {
    this.eye.stir();
    return this.desk.take(text);
  }

  /** @param {import("./types.js").Guest} guest */
  takeFound(guest) {
    this.eye.stir();
    this.realDesk.takeFound(guest);
  }

  /** Something did not fit on the disk. The tickets may have made room for it: those needed here come back. */
  lacksRoom() {
    if (this.store.state.storageFull) return;
    this.store.set({ storageFull: true });
    void this.syncing.keep();
  }

  /** Tries once more whether the storage takes everything. */
  async tryStorage() {
    this.store.set({ storageFull: false });
    this.memory.write("language", this.store.state.language);
    await this.log.save();
    await this.syncing.keep();
    this.render();
  }

  #sayGoodbye() {
    this.clock.training = null;
    for (const dialog of openDialogs()) dialog.close();
    void this.bond.farewell();
  }

  #mount() {
    if (!this.#screen) return;
    this.#view?.close();
    this.#view = VIEWS[this.#screen](this);
    this.root.replaceChildren(this.#view.element);
    document.title = `${this.speech.say("noun.scanner")} · Kassa`;
    this.#view.focus();
  }
}
