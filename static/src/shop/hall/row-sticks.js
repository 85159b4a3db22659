/** @typedef {import("./seats.js").Seat} Seat */
/** @typedef {{ box: HTMLElement, unit: number, origin: { x: number, y: number } }} Ground */

/**
 * Row numbers at the left edge of what one sees, as large as they are whatever the map's size. Rows are bent: a
 * number stands at the height of the seat that is nearest to it.
 */
export class RowSticks {
  /** @param {import("./seats.js").Seats} seats @param {HTMLElement} floor */
  constructor(seats, floor) {
    this.seats = seats;
    const column = document.createElement("div");
    column.className = "rowsticks";
    /** @type {{ stick: HTMLElement, row: Seat[] }[]} */
    this.sticks = [];
    for (const row of seats.rows()) {
      const stick = row[0]?.row.querySelector(".rowstick");
      if (stick instanceof HTMLElement) this.sticks.push({ stick, row });
    }
    column.append(...this.sticks.map(({ stick }) => stick));
    floor.prepend(column);
    /** @type {number | undefined} */
    this.asked = undefined;
  }

  /** Looks before the next frame which seats are at the edge now. @param {Ground} ground */
  follow(ground) {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      this.place(ground, ground.unit, 0, 0);
    });
  }

  /** @param {Ground} ground @param {number} unit pixels for a unit @param {number} dx @param {number} dy where the map begins */
  place({ box, origin }, unit, dx, dy) {
    this.seats.place();
    const edge = (box.scrollLeft - origin.x - dx) / unit;
    for (const { stick, row } of this.sticks) {
      const nearest = row.reduce((best, seat) => (Math.abs(seat.x - edge) < Math.abs(best.x - edge) ? seat : best));
      const top = `${Math.round(dy + nearest.y * unit)}px`;
      if (stick.style.top !== top) stick.style.top = top;
    }
  }
}
