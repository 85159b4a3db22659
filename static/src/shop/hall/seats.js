/**
 * A seat of the map. `x` and `y` are in the plan's units.
 * @typedef {{ box: HTMLInputElement, label: HTMLElement, row: HTMLElement, no: number, x: number, y: number }} Seat
 */

/** The hall in the page: its seats in the plan's order, and where each stands. */
export class Seats {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.view = one(form, ".hallview");
    this.mapBox = one(form, ".mapbox");
    this.map = one(form, ".map");
    /** @type {Seat[]} */
    this.all = [...this.map.querySelectorAll("label.seat")].map((label) => seatOf(/** @type {HTMLElement} */ (label)));
    /** @type {Map<HTMLInputElement, Seat>} */
    this.byBox = new Map(this.all.map((seat) => [seat.box, seat]));
    this.placed = false;
    const style = getComputedStyle(this.map);
    /** The plan's extent in its units. */
    this.extent = { width: Number(style.getPropertyValue("--w")), height: Number(style.getPropertyValue("--h")) };
  }


  /** Reads where the seats stand, once: it is the style sheet that knows. */
  place() {
    if (this.placed) return;
    for (const seat of this.all) {
      const style = getComputedStyle(seat.label);
      seat.x = Number(style.getPropertyValue("--x"));
      seat.y = Number(style.getPropertyValue("--y"));
    }
    this.placed = true;
  }

  /** The seats row by row. @returns {Seat[][]} */
  rows() {
    /** @type {Map<HTMLElement, Seat[]>} */
    const rows = new Map();
    for (const seat of this.all) rows.set(seat.row, [...(rows.get(seat.row) ?? []), seat]);
    return [...rows.values()];
  }

  chosen() {
    return this.all.filter((seat) => seat.box.checked);
  }

  /** The other half of a sofa, or the seat beside a wheelchair space and back. @param {Seat} seat */
  pairOf(seat) {
    const pair = Number(seat.label.dataset["pair"]);
    return pair ? this.all[pair - 1] : undefined;
  }

  /** What a seat is called: `Balcony, row 3, seat 5`. @param {Seat} seat */
  nameOf(seat) {
    const block = seat.row.dataset["block"];
    const name = this.shortNameOf(seat);
    return block ? `${block}, ${name.charAt(0).toLowerCase()}${name.slice(1)}` : name;
  }

  /** The name without its block: what is spoken of a seat, less its price or whose it is. @param {Seat} seat */
  shortNameOf(seat) {
    const spoken = seat.box.ariaLabel ?? "";
    const { takenWord = "", mineWord = "" } = this.form.dataset;
    const ends = [this.spokenBand(seat), takenWord, mineWord].map((end) => spoken.lastIndexOf(`, ${end}`));
    const end = Math.max(...ends);
    return end < 0 ? spoken : spoken.slice(0, end);
  }

  /** A band's name and price, as they are spoken of a seat that is free. @param {Seat} seat */
  spokenBand(seat) {
    const template = this.form.querySelector(`template[data-pick="${this.bandOf(seat)}"]`);
    return template instanceof HTMLElement ? (template.dataset["spoken"] ?? "") : "";
  }

  /** @param {Seat} seat */
  bandOf(seat) {
    return [...seat.label.classList].find((name) => name.startsWith("band-"))?.slice("band-".length) ?? "0";
  }

  /** Whether this browser holds it already. @param {Seat} seat */
  isMine(seat) {
    return seat.box.dataset["mine"] !== undefined;
  }

  isList() {
    return checked("view-list");
  }

  isWhole() {
    return checked("view-all");
  }
}

/** @param {HTMLElement} label @returns {Seat} */
function seatOf(label) {
  const box = /** @type {HTMLInputElement} */ (label.firstElementChild);
  const row = /** @type {HTMLElement} */ (label.parentElement);
  return { box, label, row, no: Number(label.id.slice(1)), x: 0, y: 0 };
}

/** @param {ParentNode} parent @param {string} selector */
export function one(parent, selector) {
  const found = parent.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** @param {string} id */
function checked(id) {
  const radio = document.getElementById(id);
  return radio instanceof HTMLInputElement && radio.checked;
}
