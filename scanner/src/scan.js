/** A scan as it begins: what is named, and where and when. */

import { parse } from "./codes.js";
import { uuid7 } from "./uuid.js";

/** @typedef {Omit<import("./types.js").Scan, "seq" | "prev">} Scan */

/**
 * @param {{code: string} | {ticket: string}} named
 * @param {object} facts
 * @param {import("./types.js").Choice} facts.choice
 * @param {import("./types.js").Direction} facts.direction
 * @param {import("./clock.js").Clock} facts.clock
 * @param {import("./book.js").Book} facts.book
 * @returns {Scan}
 */
export function newScan(named, { choice, direction, clock, book }) {
  return {
    id: uuid7(clock.phone(), crypto.getRandomValues(new Uint8Array(10))),
    ...named,
    screening: choice.screening,
    hall: choice.hall,
    at: clock.stamp(),
    offline: false,
    direction,
    gate: choice.gate,
    monotonic: Math.round(performance.now()),
    cursor: book.cursor,
  };
}

/**
 * What is known of the code: a ticket that was found otherwise has a well-formed one that nobody has read.
 *
 * @param {Scan} scan
 * @returns {import("./codes.js").ParsedCode}
 */
export function codeOf({ code }) {
  return code === undefined ? { kind: "opaque", canonical: "" } : parse(code);
}
