import { one } from "./seats.js";

const STEP = 1.3;
// Smaller than this a seat is looked at, not chosen: a tap then brings that part of the hall nearer.
const TOO_SMALL_PX = 20;
const SEAT_UNITS = 22;
const SETTLE_MS = 140;
const DRAG_PX = 5;

/** Zooms the map under fingers, wheel, keys and buttons; panning is the browser's own scrolling, and the mouse's. */
export class Zoom {
  /** @param {import("./seats.js").Seats} seats @param {import("./floor.js").Floor} floor */
  constructor(seats, floor) {
    this.seats = seats;
    this.floor = floor;
    this.box = seats.mapBox;
    this.map = seats.map;
    this.factor = 1;
    /** @type {Map<number, { x: number, y: number }>} */
    this.fingers = new Map();
    const buttons = one(seats.form, "[data-zoom]");
    buttons.hidden = false;
    buttons.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest("[data-zoom-by]") : null;
      if (button instanceof HTMLElement) this.#by(STEP ** Number(button.dataset["zoomBy"]));
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#listenToFingers();
    this.#listenToMouse();
    this.map.addEventListener("click", (event) => this.#tap(event), { capture: true });
    for (const radio of seats.view.querySelectorAll(".views input")) {
      radio.addEventListener("change", () => this.#look());
    }
    this.#look();
  }

  /** Shows the hall as the chosen view says; the map with the choice in the middle, or what is free. */
  #look() {
    if (this.seats.isWhole()) this.floor.fit();
    else this.floor.set(1);
    if (this.seats.isList()) {
      this.box.scrollTo(0, 0);
      return;
    }
    const free = this.seats.all.filter((seat) => !seat.box.disabled);
    this.floor.centre(this.seats.chosen()[0] ?? free[Math.floor(free.length / 2)]);
  }

  /** Zooms at once around a point of the box. @param {number} factor */
  #by(factor, x = this.box.clientWidth / 2, y = this.box.clientHeight / 2) {
    this.factor = this.#bounded(factor);
    this.#settle(x, y);
  }

  /** @param {number} factor */
  #bounded(factor) {
    return this.floor.bounded(this.floor.zoom * factor) / this.floor.zoom;
  }

  /** The point of the map that is under a point of the box. @param {number} x @param {number} y */
  #under(x, y) {
    const { origin } = this.floor;
    return { x: this.box.scrollLeft + x - origin.x, y: this.box.scrollTop + y - origin.y };
  }

  /** @param {number} x @param {number} y */
  #preview(x, y) {
    const at = this.#under(x, y);
    this.floor.preview(this.factor, at.x, at.y);
  }

  /** Makes the zoom real: what can be scrolled gets its size, the point stays under the fingers. @param {number} x @param {number} y */
  #settle(x, y) {
    const at = this.#under(x, y);
    this.floor.set(this.floor.zoom * this.factor);
    const { origin } = this.floor;
    this.box.scrollTo(at.x * this.factor - x + origin.x, at.y * this.factor - y + origin.y);
    this.factor = 1;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.seats.isList()) return;
    if (event.key === "+" || event.key === "=") this.#by(STEP);
    else if (event.key === "-") this.#by(1 / STEP);
    else if (event.key === "0") this.#look();
    else return;
    event.preventDefault();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey || this.seats.isList()) return;
    event.preventDefault();
    const { left, top } = this.box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    this.factor = this.#bounded(this.factor * Math.exp(-event.deltaY / 200));
    this.#preview(x, y);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.#settle(x, y), SETTLE_MS);
  }

  #listenToFingers() {
    const end = (/** @type {PointerEvent} */ event) => {
      if (this.fingers.size === 2 && this.pinch) this.#settle(this.pinch.x, this.pinch.y);
      this.fingers.delete(event.pointerId);
      this.pinch = undefined;
    };
    this.box.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "touch" || this.seats.isList()) return;
      this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (this.fingers.size === 2) this.pinch = { ...this.#between(), apart: this.#apart() };
    });
    this.box.addEventListener("pointermove", (event) => {
      if (!this.fingers.has(event.pointerId)) return;
      this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (!this.pinch || this.fingers.size !== 2) return;
      this.factor = this.#bounded(this.#apart() / this.pinch.apart);
      this.#preview(this.pinch.x, this.pinch.y);
    });
    this.box.addEventListener("pointerup", end);
    this.box.addEventListener("pointercancel", end);
    // Two fingers on the map zoom the map, not the page.
    this.box.addEventListener("touchmove", (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    });
  }

  #between() {
    const [one = { x: 0, y: 0 }, other = one] = [...this.fingers.values()];
    const { left, top } = this.box.getBoundingClientRect();
    return { x: (one.x + other.x) / 2 - left, y: (one.y + other.y) / 2 - top };
  }

  #apart() {
    const [one = { x: 0, y: 0 }, other = one] = [...this.fingers.values()];
    return Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
  }

  /** The mouse drags the map; a drag that ends on a seat does not choose it. */
  #listenToMouse() {
    /** @type {{ x: number, y: number } | undefined} */
    let last;
    this.box.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) last = { x: event.clientX, y: event.clientY };
    });
    document.addEventListener("pointermove", (event) => {
      if (!last) return;
      const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
      if (!this.dragged && Math.hypot(dx, dy) < DRAG_PX) return;
      this.dragged = true;
      this.box.scrollBy(-dx, -dy);
      last = { x: event.clientX, y: event.clientY };
    });
    document.addEventListener("pointerup", () => {
      last = undefined;
      // After the click that belongs to this release.
      setTimeout(() => {
        this.dragged = false;
      });
    });
  }

  /** @param {MouseEvent} event */
  #tap(event) {
    if (this.dragged) {
      event.preventDefault();
      return;
    }
    // A key presses a box without a place on the screen.
    const byPointer = event.clientX !== 0 || event.clientY !== 0;
    if (!this.seats.isWhole() || !byPointer || this.floor.unit * SEAT_UNITS >= TOO_SMALL_PX) return;
    event.preventDefault();
    const { left, top } = this.map.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / this.floor.unit, (event.clientY - top) / this.floor.unit];
    document.getElementById("view-map")?.click();
    const { unit, origin } = this.floor;
    this.box.scrollTo(
      origin.x + x * unit - this.box.clientWidth / 2,
      origin.y + y * unit - this.box.clientHeight / 2,
    );
  }
}
