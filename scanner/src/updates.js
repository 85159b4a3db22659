/**
 * Keeps the page openable without a network, and its versions: a new one is downloaded behind the usher's back, but
 * takes over only when he says so, and he is asked only when nobody waits.
 */
import { TAKE_OVER } from "./take-over.js";

const LOOK_EVERY_MS = 15 * 60_000;
/** As long as nothing is kept: the first download goes on where it broke off. */
const TRY_EVERY_MS = 60_000;
/** While the doors are open, so long without a scan counts as a lull. */
export const LULL_MS = 10 * 60_000;
const DOWNLOAD_PATIENCE_MS = 8_000;
const TAKE_OVER_PATIENCE_MS = 3_000;

export class Updates {
  /** The page goes by the usher's own wish. */
  leaving = false;
  /** @type {ServiceWorkerRegistration | null} */
  #registration = null;
  #lookAt = 0;
  #busyAt;

  /**
   * @param {Pick<import("./app.js").App, "store" | "clock" | "log" | "atRest" | "render">} app
   * @param {ServiceWorkerContainer | undefined} container nothing on a page that is not secure
   * @param {() => void} reload
   */
  constructor(app, container, reload) {
    this.app = app;
    this.container = container;
    this.reload = reload;
    const { store, clock } = app;
    // A page that has just been opened does not know who was scanned before.
    this.#busyAt = clock.ticks();
    store.addEventListener("change", () => {
      if (store.state.checking || store.state.card) this.#busyAt = clock.ticks();
    });
  }

  /** Whether the page would open without a network. */
  get opensOffline() {
    return Boolean(this.#registration?.active);
  }

  /** Whether to offer a new version now. */
  get offered() {
    const comes = Boolean(this.#registration?.active && this.#registration.waiting);
    return comes && this.app.atRest && !this.app.log.unsaved && !this.#guestsArrive;
  }

  /** Looks for a new version from time to time; to be called often. Without an answer it tries again later. */
  async whenDue() {
    if (!this.container || this.app.clock.ticks() < this.#lookAt) return;
    this.#lookAt = this.app.clock.ticks() + LOOK_EVERY_MS;
    const { installing, waiting, active } = this.#registration ?? {};
    try {
      // A first version that did not come whole takes its registration with it.
      if (installing || waiting || active) await this.#registration?.update();
      else await this.#register(this.container);
    } catch {
      // No network, or a browser that keeps nothing: the page goes on as it is, and the menu says so.
    }
    if (!this.opensOffline) this.#lookAt = this.app.clock.ticks() + TRY_EVERY_MS;
  }

  /** Goes on with the newest version that can be had; the log and the tickets stay as they are. */
  async take() {
    this.leaving = true;
    await this.app.log.written();
    // The browser asks before it throws away what is in memory alone.
    if (this.app.log.unsaved) this.leaving = false;
    if (!this.#registration?.waiting) await withinTime(DOWNLOAD_PATIENCE_MS, this.#download());
    const waiting = this.#registration?.waiting;
    if (waiting) {
      const taken = new Promise((resolve) => this.container?.addEventListener("controllerchange", resolve));
      waiting.postMessage(TAKE_OVER);
      await withinTime(TAKE_OVER_PATIENCE_MS, taken);
    }
    this.reload();
  }

  /** @param {ServiceWorkerContainer} container */
  async #register(container) {
    const registration = await container.register("sw.js", { updateViaCache: "none" });
    this.#registration = registration;
    registration.addEventListener("updatefound", () => this.#follow(registration.installing));
    this.#follow(registration.installing);
    this.app.render();
    // A worker that gave way to the server's version stays if it has another page open, and would go on as it was.
    if (registration.active && !container.controller) await registration.update();
  }

  /** @param {ServiceWorker | null} version */
  #follow(version) {
    version?.addEventListener("statechange", () => this.app.render());
  }

  async #download() {
    await this.#registration?.update();
    const coming = this.#registration?.installing;
    if (coming) await new Promise((resolve) => coming.addEventListener("statechange", resolve, { once: true }));
  }

  /** The doors of the chosen screening are open, and somebody was scanned lately. */
  get #guestsArrive() {
    const { choice } = this.app.store.state;
    const { screening } = this.app.store;
    if (!choice) return false;
    if (!screening) return true;
    const now = this.app.clock.now();
    const open = Date.parse(screening.doors_open) <= now && now < Date.parse(screening.doors_close);
    return open && this.app.clock.ticks() - this.#busyAt < LULL_MS;
  }
}

/**
 * Waits for work that may fail or never end.
 *
 * @param {number} patience
 * @param {Promise<unknown>} work
 */
function withinTime(patience, work) {
  return Promise.race([work.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, patience))]);
}
