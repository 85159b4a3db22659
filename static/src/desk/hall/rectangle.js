const DRAG_PX = 6;

/** A rectangle that the mouse draws over the map: what lies in it is marked, with Alt its marks go. */
export class Rectangle {
  /** @param {import("../../shop/hall/seats.js").Seats} seats @param {import("./marks.js").Marks} marks */
  constructor(seats, marks) {
    this.seats = seats;
    this.marks = marks;
    this.frame = document.createElement("div");
    this.frame.className = "rectangle";
    this.frame.hidden = true;
    seats.map.append(this.frame);
    /** @type {{ x: number, y: number } | undefined} */
    this.start = undefined;
    seats.mapBox.addEventListener("pointerdown", (event) => this.#begin(event));
    document.addEventListener("pointermove", (event) => this.#draw(event));
    document.addEventListener("pointerup", (event) => this.#end(event));
    document.addEventListener("pointercancel", () => this.#forget());
    // The click that belongs to the release must not toggle the seat under it.
    seats.mapBox.addEventListener(
      "click",
      (event) => {
        if (!this.drawn) return;
        event.preventDefault();
        event.stopPropagation();
      },
      { capture: true },
    );
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || this.seats.isList()) return;
    this.start = this.#point(event);
    this.drawn = false;
  }

  /** @param {PointerEvent} event */
  #draw(event) {
    if (!this.start) return;
    const here = this.#point(event);
    if (!this.drawn && Math.hypot(here.x - this.start.x, here.y - this.start.y) < DRAG_PX) return;
    this.drawn = true;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    const { left, top, width, height } = between(this.start, here);
    this.frame.hidden = false;
    Object.assign(this.frame.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  }

  /** @param {PointerEvent} event */
  #end(event) {
    const { start } = this;
    if (!start) return;
    if (this.drawn) {
      const { left, top, width, height } = between(start, this.#point(event));
      const unit = this.seats.map.offsetWidth / this.seats.extent.width;
      this.seats.place();
      const inside = this.seats.all.filter(
        ({ x, y }) => x * unit >= left && x * unit <= left + width && y * unit >= top && y * unit <= top + height,
      );
      this.marks.set(inside, !event.altKey);
    }
    this.#forget();
  }

  #forget() {
    this.start = undefined;
    this.frame.hidden = true;
    // After the click that belongs to this release.
    setTimeout(() => {
      this.drawn = false;
    });
  }

  /** A point of the map in pixels. @param {PointerEvent} event */
  #point(event) {
    const { left, top } = this.seats.map.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
}

/** @param {{ x: number, y: number }} one @param {{ x: number, y: number }} other */
function between(one, other) {
  return {
    left: Math.min(one.x, other.x),
    top: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x),
    height: Math.abs(one.y - other.y),
  };
}
