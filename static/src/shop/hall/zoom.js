import { one } from "./seats.js";

// Pixels for one of the plan's units: a seat is 22 of them.
const LARGEST = 2.4;
const STEP = 1.3;
// Smaller than this a seat is looked at, not chosen: a tap then brings that part of the hall nearer.
const TOO_SMALL_PX = 20;
const SEAT_UNITS = 22;
const SETTLE_MS = 140;
const DRAG_PX = 5;

/** Zooms the map under fingers, wheel, keys and buttons; panning is the browser's own scrolling, and the mouse's. */
export class Zoom {
  /** @param {import("./seats.js").Seats} seats */
  constructor(seats) {
    this.seats = seats;
    this.box = seats.mapBox;
    this.map = seats.map;
    this.scale = 1;
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
      radio.addEventListener("change", () => {
        this.map.style.removeProperty("--u");
        if (seats.isList()) this.box.scrollTo(0, 0);
        else this.centre();
      });
    }
    this.centre();
  }

  /** Pixels for a unit now. */
  get unit() {
    return this.map.offsetWidth / this.seats.extent.width;
  }

  /** Brings the choice into view, or the middle of what is free. */
  centre() {
    const free = this.seats.all.filter((seat) => !seat.box.disabled);
    const seat = this.seats.chosen()[0] ?? free[Math.floor(free.length / 2)];
    const offsetTop = seat?.label.offsetTop ?? this.map.offsetHeight / 2;
    const offsetLeft = seat?.box.checked ? seat.label.offsetLeft : this.map.offsetWidth / 2;
    this.box.scrollTo(offsetLeft - this.box.clientWidth / 2, offsetTop - this.box.clientHeight / 2);
  }

  /** Zooms at once around a point of the box. @param {number} factor */
  #by(factor, x = this.box.clientWidth / 2, y = this.box.clientHeight / 2) {
    this.scale = this.#bounded(factor);
    this.#settle(x, y);
  }

  /** @param {number} factor */
  #bounded(factor) {
    const whole = Math.min(this.box.clientWidth / this.seats.extent.width, LARGEST);
    return Math.min(Math.max(this.unit * factor, whole), LARGEST) / this.unit;
  }

  /** While fingers move only a transform changes, which costs no layout. @param {number} x @param {number} y */
  #preview(x, y) {
    const { left, top } = this.map.getBoundingClientRect();
    const box = this.box.getBoundingClientRect();
    if (this.scale === 1 || !this.map.style.transform) {
      this.map.style.transformOrigin = `${x + box.left - left}px ${y + box.top - top}px`;
    }
    this.map.style.transform = `scale(${this.scale})`;
  }

  /** Makes the zoom real: seats get their size, the point stays under the fingers. @param {number} x @param {number} y */
  #settle(x, y) {
    const unit = this.unit * this.scale;
    const atX = (this.box.scrollLeft + x - this.map.offsetLeft) * this.scale;
    const atY = (this.box.scrollTop + y - this.map.offsetTop) * this.scale;
    this.map.style.removeProperty("transform");
    this.map.style.removeProperty("transform-origin");
    this.map.style.setProperty("--u", `${unit}px`);
    this.scale = 1;
    this.box.scrollTo(atX - x + this.map.offsetLeft, atY - y + this.map.offsetTop);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.seats.isList()) return;
    if (event.key === "+" || event.key === "=") this.#by(STEP);
    else if (event.key === "-") this.#by(1 / STEP);
    else if (event.key === "0") this.map.style.removeProperty("--u");
    else return;
    event.preventDefault();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey || this.seats.isList()) return;
    event.preventDefault();
    const { left, top } = this.box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    this.scale = this.#bounded(this.scale * Math.exp(-event.deltaY / 200));
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
      this.scale = this.#bounded(this.#apart() / this.pinch.apart);
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
    if (!this.seats.isWhole() || !byPointer || this.unit * SEAT_UNITS >= TOO_SMALL_PX) return;
    event.preventDefault();
    const { left, top } = this.map.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / this.unit, (event.clientY - top) / this.unit];
    document.getElementById("view-map")?.click();
    this.box.scrollTo(x * this.unit - this.box.clientWidth / 2, y * this.unit - this.box.clientHeight / 2);
  }
}
