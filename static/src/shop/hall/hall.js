import { Floor } from "./floor.js";
import { Live } from "./live.js";
import { MiniMap } from "./mini-map.js";
import { Picks } from "./picks.js";
import { Seats } from "./seats.js";
import { startViews } from "./views.js";
import { Walk } from "./walk.js";
import { Zoom } from "./zoom.js";

/** Makes a map of the hall's form, which works without this too. */
export function startHall() {
  const form = document.querySelector("form[data-hall]");
  if (!(form instanceof HTMLFormElement)) return;
  const seats = new Seats(form);
  startViews(seats);
  const floor = new Floor(seats);
  new Zoom(seats, floor);
  const canvas = form.querySelector("canvas[data-mini]");
  const miniMap = canvas instanceof HTMLCanvasElement ? new MiniMap(seats, floor, canvas) : undefined;
  const picks = new Picks(seats);
  new Walk(seats);
  if (form.dataset["live"]) new Live(seats, picks, () => miniMap?.draw());
}
