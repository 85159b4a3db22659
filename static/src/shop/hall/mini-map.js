/** The whole hall in a thumb's breadth: what is free, what is chosen, and which part is on the screen. */
export class MiniMap {
  /** @param {import("./seats.js").Seats} seats @param {import("./floor.js").Floor} floor @param {HTMLCanvasElement} canvas */
  constructor(seats, floor, canvas) {
    this.seats = seats;
    this.floor = floor;
    this.canvas = canvas;
    /** @type {number | undefined} */
    this.asked = undefined;
    const { width, height } = seats.extent;
    this.scale = (canvas.clientWidth * devicePixelRatio) / width;
    canvas.width = Math.round(width * this.scale);
    canvas.height = Math.round(height * this.scale);
    const again = () => this.draw();
    seats.mapBox.addEventListener("scroll", again, { passive: true });
    seats.map.addEventListener("change", again);
    addEventListener("resize", again, { passive: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    canvas.addEventListener("pointerdown", (event) => this.#go(event));
    canvas.addEventListener("pointermove", (event) => event.buttons && this.#go(event));
    this.draw();
  }

  /** Draws before the next frame, however often it is asked. */
  draw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      this.#paint();
    });
  }

  #paint() {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    this.seats.place();
    // The style sheet's colours, as this element has them.
    const { color, outlineColor, caretColor } = getComputedStyle(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const dot = Math.max(1, 16 * this.scale);
    for (const seat of this.seats.all) {
      const { box, x, y } = seat;
      const isOwn = box.checked || this.seats.isMine(seat);
      context.fillStyle = isOwn ? caretColor : box.disabled ? outlineColor : color;
      const size = isOwn ? dot * 2 : dot;
      context.fillRect(x * this.scale - size / 2, y * this.scale - size / 2, size, size);
    }
    if (this.seats.isList()) return;
    const { mapBox } = this.seats;
    const { origin } = this.floor;
    const unit = this.floor.unit / this.scale;
    context.strokeStyle = caretColor;
    context.lineWidth = Math.max(1.5, devicePixelRatio);
    const corner = [mapBox.scrollLeft - origin.x, mapBox.scrollTop - origin.y];
    const frame = [...corner, mapBox.clientWidth, mapBox.clientHeight];
    const [x = 0, y = 0, width = 0, height = 0] = frame.map((length) => length / unit);
    context.strokeRect(
      Math.max(x, 1),
      Math.max(y, 1),
      Math.min(width, this.canvas.width - 2),
      Math.min(height, this.canvas.height - 2),
    );
  }

  /** @param {PointerEvent} event */
  #go(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const { mapBox, extent } = this.seats;
    const { unit, origin } = this.floor;
    mapBox.scrollTo(
      origin.x + ((event.clientX - left) / width) * extent.width * unit - mapBox.clientWidth / 2,
      origin.y + ((event.clientY - top) / height) * extent.height * unit - mapBox.clientHeight / 2,
    );
  }
}
