import { RowSticks } from "./row-sticks.js";
import { one } from "./seats.js";

// Pixels for one of the plan's units: a seat is 22 of them.
const LARGEST = 2.4;
// What else stands above and below the whole hall on a wide screen.
const AROUND_PX = 128;

/**
 * What the map lies on: how large it is, and which part one looks at. Zooming scales what is laid out already;
 * giving 1,200 seats another size takes a phone two seconds.
 */
export class Floor {
  /** @param {import("./seats.js").Seats} seats */
  constructor(seats) {
    this.seats = seats;
    this.box = seats.mapBox;
    this.map = seats.map;
    this.floor = one(seats.form, ".mapfloor");
    this.zoom = 1;
    this.floor.classList.add("is-live");
    this.sticks = new RowSticks(seats, this.floor);
    this.box.addEventListener("scroll", () => this.sticks.follow(this), { passive: true });
    addEventListener("resize", () => this.set(this.zoom), { passive: true });
  }

  /** Pixels for a unit now. */
  get unit() {
    return this.#whole * this.zoom;
  }

  /** Where the map begins in the box's content. */
  get origin() {
    return { x: this.floor.offsetLeft, y: this.floor.offsetTop };
  }

  /** Pixels for a unit without zoom: the style sheet's. */
  get #whole() {
    return this.map.offsetWidth / this.seats.extent.width;
  }

  /** A zoom between the whole hall and seats as large as thumbs. @param {number} zoom */
  bounded(zoom) {
    return Math.min(Math.max(zoom, Math.min(this.#fitting(), 1)), LARGEST / this.#whole);
  }

  /** @param {number} zoom */
  set(zoom) {
    this.zoom = zoom;
    const { style } = this.floor;
    style.width = zoom === 1 ? "" : `${this.map.offsetWidth * zoom}px`;
    style.height = zoom === 1 ? "" : `${this.map.offsetHeight * zoom}px`;
    this.#scale(1, 0, 0);
  }

  /** Shows the whole hall at once. */
  fit() {
    this.set(this.#fitting());
  }

  /** Shows how it would be to zoom by a factor around a point of the map. @param {number} factor @param {number} x @param {number} y */
  preview(factor, x, y) {
    this.#scale(factor, x * (1 - factor), y * (1 - factor));
  }

  /** Brings a seat into the middle, or the middle of the hall's width at its height. @param {import("./seats.js").Seat | undefined} seat */
  centre(seat) {
    const { x, y } = this.origin;
    const top = (seat?.label.offsetTop ?? this.map.offsetHeight / 2) * this.zoom;
    const left = (seat?.box.checked ? seat.label.offsetLeft : this.map.offsetWidth / 2) * this.zoom;
    this.box.scrollTo(x + left - this.box.clientWidth / 2, y + top - this.box.clientHeight / 2);
  }

  #fitting() {
    const { width, height } = this.seats.extent;
    const wide = matchMedia("(min-width: 64em)").matches;
    // A pixel less, because the browser tells lengths in whole ones.
    const unit = Math.min((this.box.clientWidth - 1) / width, wide ? (innerHeight - AROUND_PX) / height : Infinity);
    return unit / this.#whole;
  }

  /** @param {number} factor @param {number} x @param {number} y */
  #scale(factor, x, y) {
    const scale = this.zoom * factor;
    const moved = factor === 1 ? "" : `translate(${x}px, ${y}px) `;
    this.map.style.transform = scale === 1 ? "" : `${moved}scale(${scale})`;
    this.sticks.place(this, this.#whole * scale, x, y);
  }
}
