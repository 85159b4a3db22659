import { one } from "./seats.js";

/**
 * Gives the map the class of the chosen view: a style sheet that looked for it by `:has()` would have the browser
 * style each of 3,000 seats anew, a second's work for a phone.
 *
 * @param {import("./seats.js").Seats} seats
 */
export function startViews(seats) {
  const tools = one(seats.view, ".hallview__tools");
  const show = () => {
    seats.mapBox.classList.toggle("is-whole", seats.isWhole());
    seats.mapBox.classList.toggle("is-list", seats.isList());
  };
  tools.classList.add("is-live");
  tools.addEventListener("change", show);
  show();
}
