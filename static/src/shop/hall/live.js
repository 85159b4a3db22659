const EVERY_MS = 4000;
const MOST_MS = 60_000;

/** @typedef {import("./seats.js").Seat} Seat */

/** Looks every few seconds which seats others have taken or given back; the own choice stays. */
export class Live {
  /** @param {import("./seats.js").Seats} seats @param {import("./picks.js").Picks} picks @param {() => void} redrawn */
  constructor(seats, picks, redrawn) {
    this.seats = seats;
    this.picks = picks;
    this.redrawn = redrawn;
    this.version = seats.form.dataset["version"] ?? "";
    this.wait = EVERY_MS;
    this.free = seats.form.querySelector("[data-free]");
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#next(0);
    });
    this.#next(EVERY_MS);
  }

  /** @param {number} wait in milliseconds */
  #next(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), wait);
  }

  async #look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(this.seats.form.dataset["live"] ?? "", {
        cache: "no-store",
        headers: { "If-None-Match": `"${this.version}"` },
      });
      if (answer.status === 200) this.#apply(await answer.json());
      else if (answer.status !== 304) throw new Error(String(answer.status));
      this.wait = EVERY_MS;
    } catch {
      // No network, or a busy server: the next look comes later each time.
      this.wait = Math.min(this.wait * 2, MOST_MS);
    }
    this.#next(this.wait);
  }

  /** @param {{ version: string, free: string, count: number }} state */
  #apply({ version, free, count }) {
    this.version = version;
    const bytes = Uint8Array.from(atob(free), (letter) => letter.charCodeAt(0));
    /** @type {Seat[]} */
    const lost = [];
    for (const [index, seat] of this.seats.all.entries()) {
      const isFree = Boolean((bytes[index >> 3] ?? 0) & (128 >> (index & 7)));
      if (isFree !== seat.box.disabled) continue;
      if (seat.box.checked) lost.push(seat);
      seat.box.checked = false;
      seat.box.disabled = !isFree;
      delete seat.box.dataset["mine"]; // its hold has ended: it is anybody's
      seat.box.ariaLabel = this.#name(seat, isFree);
    }
    if (this.free instanceof HTMLElement) {
      const text = (this.free.dataset["text"] ?? "{}").replace("{}", String(count));
      // The text changes in place: a new node beside the views' buttons would make `:has()` ask anew which view is
      // chosen, and style every seat again.
      if (this.free.firstChild) this.free.firstChild.nodeValue = text;
      else this.free.textContent = text;
    }
    if (lost.length) {
      this.picks.show();
      const names = lost.map((seat) => this.seats.nameOf(seat)).join("; ");
      this.picks.say((this.seats.form.dataset["taken"] ?? "{}").replace("{}", names));
    }
    this.redrawn();
  }

  /** @param {Seat} seat @param {boolean} isFree */
  #name(seat, isFree) {
    const state = isFree ? this.seats.spokenBand(seat) : this.seats.form.dataset["takenWord"];
    return `${this.seats.shortNameOf(seat)}, ${state}`;
  }
}
