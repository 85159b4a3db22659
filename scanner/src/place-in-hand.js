/** A leased place of the rush line, from the moment that a scan names it until it is known who sits there. */

import { codeOf } from "./scan.js";

/** @typedef {import("./register.js").Open} Open */
/** @typedef {import("./rush.js").Rush} Rush */

/**
 * Names a leased place in the scan before anybody is asked, so that the answer that comes, or does not, is on it.
 *
 * @param {Open} open
 * @param {import("./book.js").Known | null} known
 * @param {import("./types.js").Screening | null} screening where the phone stands
 * @param {Rush} rush
 */
export async function bringPlace(open, known, screening, rush) {
  const { kind } = codeOf(open.scan);
  if (open.place || !rush.neededBy(known, kind, screening, open.scan.direction)) return;
  open.place = await rush.reserve();
  if (open.place) open.scan = { ...open.scan, place: open.place.place };
}

/**
 * The answer says on which place somebody is in; the one in hand goes back if it is another.
 *
 * @param {Open} open
 * @param {import("./types.js").Answer} answer
 * @param {Rush} rush
 */
export async function followPlace(open, answer, rush) {
  const inHand = open.place?.place;
  const given = answer.verdict === "admit" ? answer.place : undefined;
  if (inHand !== undefined && given !== inHand) {
    open.place = null;
    await rush.unspend(inHand);
  }
  const { place: _named, ...scan } = open.scan;
  open.scan = given === undefined ? scan : { ...scan, place: given };
}
