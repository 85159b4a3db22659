/** What the phone itself says of a code, from what it last synced, in the form of the server's answers. Pure. */

import { judge } from "./verdict.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./book.js").Known} Known */

/**
 * @typedef {object} Facts
 * @property {string} id the scan's
 * @property {import("./codes.js").ParsedCode} code
 * @property {Known | null} known
 * @property {import("./types.js").Choice} choice
 * @property {ReadonlyMap<string, import("./types.js").Screening>} screenings
 * @property {ReadonlyMap<string, import("./types.js").Hall>} halls
 * @property {number} now the corrected time at the door
 * @property {number} ageSeconds of what was last synced
 * @property {import("./types.js").Direction} direction
 * @property {import("./signed-codes.js").Standing | null} signature
 * @property {{free: number, leased: number, taken: number} | null} line the rush line that must have a place
 * @property {import("./types.js").LeasedPlace | null} place of it, leased to this phone
 */

/**
 * @param {Facts} facts
 * @returns {Answer}
 */
export function decide(facts) {
  const { id, code, known, choice, screenings, halls, now, ageSeconds, direction, signature, line, place } = facts;
  const told = judge({
    code,
    ticket: known && ticketFact(known, screenings.get(known.screening)),
    gate: { screening: choice.screening, hall: choice.hall, venue: halls.get(choice.hall)?.venue ?? "" },
    screenings: new Map([...screenings].map(([key, screening]) => [key, screeningFact(screening)])),
    at: now,
    snapshot: { authoritative: false, age_seconds: ageSeconds },
    direction,
    capacity: line && { admitted: line.taken, capacity: line.free + line.leased + line.taken, lease_left: place ? 1 : 0 },
    signature,
  });
  const seat = told.verdict === "admit" ? place : null;
  return {
    id,
    verdict: told.verdict,
    reason: told.reason,
    attention: told.attention,
    ticket: known && ticketShown(known, seat),
    ...(known?.slip !== undefined && { slip: known.slip }),
    ...(seat && { place: seat.place, new_seat: isElsewhere(known, seat) }),
    since: told.since === null ? null : new Date(told.since).toISOString(),
    since_gate: told.since_gate,
    since_device: told.since_device,
    redirect: told.redirect === null ? null : redirectTo(told.redirect, screenings, halls),
  };
}

/**
 * @param {Known} known
 * @param {import("./types.js").Screening | undefined} own
 * @returns {import("./verdict.js").TicketFact}
 */
function ticketFact({ screening, state, card, admission, slip, unlisted }, own) {
  return {
    screening,
    state: state === "valid" ? "valid" : "void",
    void_reason: state === "valid" ? null : state,
    attention: card || null,
    inside: admission?.inside === 1,
    ever_admitted: admission !== null,
    admitted_at: admission && admission.at * 1000,
    admitted_gate: admission && admission.gate,
    admitted_device: admission && admission.device,
    left_at: admission?.left ? admission.left * 1000 : null,
    needs_reservation: slip !== undefined && (!own?.released_at || slip > (own.called ?? 0)),
    unlisted: unlisted ?? false,
  };
}

/**
 * @param {import("./types.js").Screening} screening
 * @returns {import("./verdict.js").ScreeningFact}
 */
function screeningFact({ code, hall, venue, day, doors_open, doors_close, status, age, ends_after_22 }) {
  return {
    code, hall, venue, day, status, age, ends_after_22,
    doors_open: Date.parse(doors_open),
    doors_close: Date.parse(doors_close),
  };
}

/**
 * @param {Known} known
 * @param {import("./types.js").LeasedPlace | null} seat instead of the ticket's own
 * @returns {import("./types.js").TicketShown}
 */
function ticketShown({ screening, card, ...own }, seat) {
  const { row, number, area } = seat ?? own;
  return { ticket: "", screening, place: number, row, number, band: area, section: null, concession: card };
}

/**
 * Where a guest with a ticket for that screening is sent.
 *
 * @param {string} code
 * @param {ReadonlyMap<string, import("./types.js").Screening>} screenings
 * @param {ReadonlyMap<string, import("./types.js").Hall>} halls
 * @returns {import("./types.js").Redirect | null}
 */
export function redirectTo(code, screenings, halls) {
  const screening = screenings.get(code);
  const hall = screening && halls.get(screening.hall);
  if (!screening || !hall) return null;
  const { title, starts_at, venue, transfer_minutes: minutes } = screening;
  const { name, venue_name } = hall;
  return { screening: code, title, starts_at, hall: hall.code, hall_name: name, venue, venue_name, minutes };
}

/**
 * @param {Known | null} known
 * @param {import("./types.js").LeasedPlace} seat
 */
function isElsewhere(known, seat) {
  return known !== null && known.slip === undefined && (known.row !== seat.row || known.number !== seat.number);
}
