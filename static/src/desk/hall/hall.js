import { Seats } from "../../shop/hall/seats.js";
import { startViews } from "../../shop/hall/views.js";
import { Walk } from "../../shop/hall/walk.js";
import { Marks } from "./marks.js";
import { Rectangle } from "./rectangle.js";

/** Lets staff mark many seats of a map at once; the form works without. */
export function startStaffHall() {
  const form = document.querySelector("form[data-marks]");
  if (!(form instanceof HTMLFormElement)) return;
  const seats = new Seats(form);
  startViews(seats);
  new Walk(seats);
  const marks = new Marks(seats);
  new Rectangle(seats, marks);
  for (const hint of form.querySelectorAll("[data-with-script]")) if (hint instanceof HTMLElement) hint.hidden = false;
}
