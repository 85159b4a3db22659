import { one } from "../../shop/hall/seats.js";

/** @typedef {import("../../shop/hall/seats.js").Seat} Seat */

/** The marked seats of a staff map: ranges with Shift, whole rows, everything of a kind, and what is marked now. */
export class Marks {
  /** @param {import("../../shop/hall/seats.js").Seats} seats */
  constructor(seats) {
    this.seats = seats;
    this.count = one(seats.form, "[data-marked]");
    this.none = one(seats.form, "[data-none]");
    this.rows = one(seats.form, "[data-rows]");
    /** @type {Seat | undefined} */
    this.last = undefined;
    seats.map.addEventListener("click", (event) => this.#click(event));
    seats.map.addEventListener("change", () => this.show());
    // After the script that moves the focus: what it arrives at is marked too.
    seats.map.addEventListener("keydown", (event) => this.#key(event));
    for (const button of seats.form.querySelectorAll("[data-mark-all]")) {
      button.addEventListener("click", () => this.#toggleAll(button.getAttribute("data-mark-all") ?? ""));
    }
    addEventListener("pageshow", () => this.show());
    this.show();
  }

  /** Marks seats, or takes their marks away; seats that are not staff's to change stay as they are.
   * @param {Iterable<Seat>} seats @param {boolean} on */
  set(seats, on) {
    for (const { box } of seats) if (!box.disabled) box.checked = on;
    this.show();
  }

  /** Says what is marked: how many, and how many in which row. */
  show() {
    const marked = this.seats.chosen();
    /** @type {Map<HTMLElement, number>} */
    const inRow = new Map();
    for (const { row } of marked) inRow.set(row, (inRow.get(row) ?? 0) + 1);
    this.count.textContent = String(marked.length);
    this.none.hidden = marked.length > 0;
    this.rows.textContent = [...inRow]
      .map(([row, number]) => `${row.querySelector("legend")?.textContent ?? ""}: ${number}`)
      .join("; ");
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = event.target;
    if (!(target instanceof HTMLElement)) return;
    const number = target.closest(".rown, .rowstick");
    if (number?.parentElement) this.#toggle(this.#ofRow(number.parentElement));
    if (!(target instanceof HTMLInputElement)) return;
    const seat = this.seats.byBox.get(target);
    if (!seat) return;
    if (event.shiftKey && this.last) this.set(this.#between(this.last, seat), seat.box.checked);
    this.last = seat;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = /** @type {HTMLInputElement} */ (document.activeElement);
    const seat = this.seats.byBox.get(here);
    if (!seat) return;
    // The physical key: it is the same under a Cyrillic layout.
    if (event.code === "KeyR") this.#toggle(this.#ofRow(seat.row));
    else if (event.key === "Escape") this.set(this.seats.all, false);
    else if (event.shiftKey && event.key.startsWith("Arrow")) {
      const from = this.seats.byBox.get(/** @type {HTMLInputElement} */ (event.target));
      this.set(from ? [from, seat] : [seat], true);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Seat} one @param {Seat} other */
  #between(one, other) {
    const [first, last] = one.no < other.no ? [one, other] : [other, one];
    return this.seats.all.slice(first.no - 1, last.no);
  }

  /** @param {Element} row */
  #ofRow(row) {
    return this.seats.all.filter((seat) => seat.row === row);
  }

  /** @param {string} selector */
  #toggleAll(selector) {
    const boxes = new Set(this.seats.map.querySelectorAll(selector));
    this.#toggle(this.seats.all.filter(({ box }) => boxes.has(box)));
  }

  /** Marks all of them, or none if all were marked. @param {Seat[]} seats */
  #toggle(seats) {
    const open = seats.filter(({ box }) => !box.disabled);
    this.set(open, !open.every(({ box }) => box.checked));
  }
}
