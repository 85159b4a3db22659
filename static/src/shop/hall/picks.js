import { moneyText } from "../money.js";
import { one } from "./seats.js";

/** @typedef {import("./seats.js").Seat} Seat */

/** What is chosen, with who sits where and what it costs; the list beside the map. */
export class Picks {
  /** @param {import("./seats.js").Seats} seats */
  constructor(seats) {
    this.seats = seats;
    this.most = Number(seats.form.dataset["most"]);
    const panel = one(seats.form, "[data-picks]");
    this.list = one(panel, "[data-list]");
    this.empty = one(panel, "[data-empty]");
    this.sum = one(panel, "[data-sum]");
    this.count = one(panel, "[data-count]");
    this.totals = [...panel.querySelectorAll("[data-total]")];
    this.said = one(panel, "[data-say]");
    /** @type {Map<Seat, HTMLElement>} */
    this.lines = new Map();
    seats.map.addEventListener("change", (event) => this.#changed(event));
    this.list.addEventListener("change", () => this.#add());
    // A page that comes back from the browser's memory has its boxes checked without an event.
    addEventListener("pageshow", () => this.show());
    this.show();
  }

  /** @param {string} text */
  say(text) {
    this.said.textContent = text;
  }

  /** Brings the list to what is checked. */
  show() {
    const chosen = this.seats.chosen();
    for (const [seat, line] of this.lines) {
      if (chosen.includes(seat)) continue;
      line.remove();
      this.lines.delete(seat);
    }
    for (const seat of chosen) {
      const line = this.lines.get(seat) ?? this.#line(seat);
      this.lines.set(seat, line);
      if (this.list.children[chosen.indexOf(seat)] !== line) {
        this.list.insertBefore(line, this.list.children[chosen.indexOf(seat)] ?? null);
      }
    }
    this.#add();
  }

  /** @param {Event} event */
  #changed(event) {
    const seat = this.seats.byBox.get(/** @type {HTMLInputElement} */ (event.target));
    if (!seat) return;
    this.#bringPair(seat);
    if (seat.box.checked && this.seats.chosen().length > this.most) {
      seat.box.checked = false;
      this.#bringPair(seat);
      this.say(this.seats.form.dataset["tooMany"] ?? "");
    } else if (!seat.box.checked) {
      this.say((this.seats.form.dataset["removed"] ?? "{}").replace("{}", this.seats.nameOf(seat)));
    } else {
      this.say("");
    }
    this.show();
  }

  /** A sofa is one piece; whoever takes a wheelchair space is offered the seat beside it. @param {Seat} seat */
  #bringPair(seat) {
    const pair = this.seats.pairOf(seat);
    const leads = seat.label.classList.contains("sofa") || seat.label.classList.contains("wheelchair");
    if (pair && leads && !pair.box.disabled) pair.box.checked = seat.box.checked;
  }

  /** @param {Seat} seat */
  #line(seat) {
    const template = this.seats.form.querySelector(`template[data-pick="${this.seats.bandOf(seat)}"]`);
    if (!(template instanceof HTMLTemplateElement)) throw new Error("the page has no template for this band");
    const line = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const name = this.seats.nameOf(seat);
    one(line, "[data-name]").textContent = name;
    const label = one(line, "[data-label]");
    label.textContent = (label.textContent ?? "").replace("{}", name);
    one(line, "[data-concession]").setAttribute("name", `concession-${seat.box.value}`);
    const remove = one(line, "[data-remove]");
    remove.ariaLabel = (remove.ariaLabel ?? "").replace("{}", name);
    remove.addEventListener("click", () => {
      seat.box.checked = false;
      seat.box.dispatchEvent(new Event("change", { bubbles: true }));
      const next = this.list.querySelector("[data-remove]") ?? seat.box;
      if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    });
    return line;
  }

  #add() {
    const minor = [...this.list.querySelectorAll("select")].reduce(
      (all, select) => all + Number(select.selectedOptions[0]?.dataset["minor"] ?? 0),
      0,
    );
    const number = this.lines.size;
    this.empty.hidden = number > 0;
    this.sum.hidden = number === 0;
    this.count.textContent = (this.seats.form.dataset["added"] ?? "{}").replace("{}", String(number));
    const text = minor ? moneyText(minor, this.seats.form.dataset["currency"] ?? "") : "";
    for (const total of this.totals) total.textContent = text;
  }
}
