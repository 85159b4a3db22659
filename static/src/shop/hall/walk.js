/** @typedef {import("./seats.js").Seat} Seat */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The map is one stop of the Tab key; arrows go from free seat to free seat, Home and End along a row. */
export class Walk {
  /** @param {import("./seats.js").Seats} seats */
  constructor(seats) {
    this.seats = seats;
    for (const { box } of seats.all) box.tabIndex = -1;
    this.stop(seats.chosen()[0] ?? seats.all.find(({ box }) => !box.disabled));
    seats.map.addEventListener("keydown", (event) => this.#key(event));
    seats.map.addEventListener("focusin", (event) => {
      this.stop(seats.byBox.get(/** @type {HTMLInputElement} */ (event.target)));
    });
  }

  /** Makes a seat the one that Tab goes to. @param {Seat | undefined} seat */
  stop(seat) {
    if (!seat) return;
    if (this.here) this.here.box.tabIndex = -1;
    this.here = seat;
    seat.box.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const here = this.seats.byBox.get(/** @type {HTMLInputElement} */ (event.target));
    if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = this.#next(here, event.key);
    if (next === undefined) return;
    event.preventDefault();
    next?.box.focus();
  }

  /** The seat that a key leads to; null if there is none that way, undefined if the key means something else.
   * @param {Seat} here @param {string} key @returns {Seat | null | undefined} */
  #next(here, key) {
    const row = this.seats.all.filter((seat) => seat.row === here.row && !seat.box.disabled);
    if (key === "Home") return row[0];
    if (key === "End") return row.at(-1);
    const way = ARROWS[key];
    if (!way) return undefined;
    this.seats.place();
    const [dx, dy] = this.seats.isList() && way[1] === 0 ? [way[0], 0] : way;
    if (dx && this.seats.isList()) return row[row.indexOf(here) + dx] ?? null;
    return nearest(here, dx ? row : this.seats.all, dx, dy);
  }
}

/** The free seat that is nearest in a direction; what lies aside counts double.
 * @param {Seat} here @param {Seat[]} seats @param {number} dx @param {number} dy @returns {Seat | null} */
export function nearest(here, seats, dx, dy) {
  let best = null;
  let least = Infinity;
  for (const seat of seats) {
    if (seat === here || seat.box.disabled || (dy && seat.row === here.row)) continue;
    const ahead = (seat.x - here.x) * dx + (seat.y - here.y) * dy;
    if (ahead <= 0) continue;
    const aside = Math.abs(dx ? seat.y - here.y : seat.x - here.x);
    if (ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = seat;
    }
  }
  return best;
}
