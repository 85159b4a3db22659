/**
 * The door's verdict. The twin of ticketing/door/rules.py, where the decisions are argued; both run
 * tests/vectors/verdict.json. Pure: times are milliseconds since 1970 and come in as arguments.
 */

/** @typedef {import("./codes.js").ParsedCode} ParsedCode */

/**
 * @typedef {object} TicketFact
 * @property {string} screening
 * @property {string} state valid or void
 * @property {string | null} void_reason
 * @property {string | null} attention the card that the concession asks for
 * @property {boolean} inside
 * @property {boolean} ever_admitted
 * @property {number | null} admitted_at
 * @property {string | null} admitted_gate
 * @property {string | null} admitted_device
 * @property {number | null} left_at
 * @property {boolean} needs_reservation
 * @property {boolean} unlisted a signed code says it, the snapshot does not
 *
 * @typedef {object} ScreeningFact
 * @property {string} code
 * @property {string} hall
 * @property {string} venue
 * @property {string} day the festival's local date, ISO
 * @property {number} doors_open
 * @property {number} doors_close
 * @property {string} status
 * @property {string | null} age
 * @property {boolean} ends_after_22
 *
 * @typedef {{screening: string, hall: string, venue: string}} Gate
 * @typedef {{authoritative: boolean, age_seconds: number}} Snapshot
 * @typedef {{admitted: number, capacity: number, lease_left: number | null}} CapacityFact
 *
 * @typedef {object} Verdict
 * @property {"admit" | "refuse" | "none"} verdict
 * @property {string} reason
 * @property {string[]} attention
 * @property {string | null} redirect
 * @property {number | null} since
 * @property {string | null} since_gate
 * @property {string | null} since_device
 */

/** A snapshot younger than this may say that a code is unknown, not merely not yet synced. */
const FRESH_SECONDS = 60;

const VOID_REASONS = ["refunded", "cancelled", "blocked", "reissued"];
// A good ticket at the wrong moment or without room: a person may know better there.
const OVERRIDABLE = ["already_in", "too_early", "too_late", "needs_reservation", "full", "lease_spent"];
const CARD_AGES = ["16+", "18+", "21+"];
const ADULT_AGES = ["18+", "21+"];

/**
 * Decides on one scan. `ticket` is what the look-up of the code's digest found; `capacity` is null for a
 * numbered ticket, whose place is its capacity.
 *
 * @param {object} facts
 * @param {ParsedCode} facts.code
 * @param {TicketFact | null} facts.ticket
 * @param {Gate} facts.gate
 * @param {ReadonlyMap<string, ScreeningFact>} facts.screenings
 * @param {number} facts.at the scan's corrected time
 * @param {Snapshot} facts.snapshot
 * @param {"in" | "out"} facts.direction
 * @param {CapacityFact | null} facts.capacity
 * @param {import("./signed-codes.js").Standing | null} facts.signature what a signed code that was not found is worth
 * @returns {Verdict}
 */
export function judge({ code, ticket, gate, screenings, at, snapshot, direction, capacity, signature }) {
  if (code.kind === "not_a_ticket") return verdict("none", "not_a_ticket");
  if (code.kind === "newer") return refuse("newer_version");
  if (!ticket) return refuse(notFound(code, snapshot, signature));
  if (ticket.state !== "valid") {
    return refuse(VOID_REASONS.includes(ticket.void_reason ?? "") ? String(ticket.void_reason) : "cancelled");
  }
  const own = screenings.get(ticket.screening);
  if (!own) return refuse("stale");
  return (
    elsewhere(own, gate, screenings) ??
    (direction === "out" ? verdict("admit", "exit") : null) ??
    notNow(own, at) ??
    noRoom(ticket, capacity) ??
    admit(ticket, own)
  );
}

/**
 * Whether a supervisor may let somebody in all the same, with a PIN and a reason.
 *
 * @param {string} reason
 */
export function mayOverride(reason) {
  return OVERRIDABLE.includes(reason);
}

/**
 * @param {Verdict["verdict"]} outcome
 * @param {string} reason
 * @param {Partial<Verdict>} [more]
 * @returns {Verdict}
 */
function verdict(outcome, reason, more = {}) {
  return {
    verdict: outcome,
    reason,
    attention: [],
    redirect: null,
    since: null,
    since_gate: null,
    since_device: null,
    ...more,
  };
}

/**
 * @param {string} reason
 * @param {string | null} [redirect]
 */
function refuse(reason, redirect = null) {
  return verdict("refuse", reason, { redirect });
}

/**
 * @param {ParsedCode} code
 * @param {Snapshot} snapshot
 * @param {import("./signed-codes.js").Standing | null} signature
 */
function notFound(code, snapshot, signature) {
  if (code.kind === "signed" && signature !== "good") {
    if (signature === "newer_version") return "newer_version";
    return signature === "bad_signature" || snapshot.authoritative ? "bad_signature" : "unknown_key";
  }
  return snapshot.authoritative || snapshot.age_seconds < FRESH_SECONDS ? "unknown" : "stale";
}

/**
 * @param {ScreeningFact} own
 * @param {Gate} gate
 * @param {ReadonlyMap<string, ScreeningFact>} screenings
 */
function elsewhere(own, gate, screenings) {
  if (own.status === "cancelled") return refuse("screening_cancelled");
  if (own.code === gate.screening) return own.hall === gate.hall ? null : refuse("screening_moved", own.code);
  if (own.venue !== gate.venue) return refuse("wrong_venue", own.code);
  const here = screenings.get(gate.screening);
  return refuse(here && own.day !== here.day ? "wrong_day" : "wrong_screening", own.code);
}

/**
 * @param {ScreeningFact} own
 * @param {number} at
 */
function notNow(own, at) {
  if (at < own.doors_open) return refuse("too_early");
  return at >= own.doors_close ? refuse("too_late") : null;
}

/**
 * @param {TicketFact} ticket
 * @param {CapacityFact | null} capacity
 */
function noRoom(ticket, capacity) {
  if (ticket.needs_reservation) return refuse("needs_reservation");
  if (ticket.inside) {
    return verdict("refuse", "already_in", {
      since: ticket.admitted_at,
      since_gate: ticket.admitted_gate,
      since_device: ticket.admitted_device,
    });
  }
  if (!capacity) return null;
  const full = capacity.admitted >= capacity.capacity;
  if (capacity.lease_left === null) return full ? refuse("full") : null;
  if (capacity.lease_left > 0) return null;
  return refuse(full ? "full" : "lease_spent");
}

/**
 * @param {TicketFact} ticket
 * @param {ScreeningFact} own
 */
function admit(ticket, own) {
  // Whoever comes back has shown the card on the way in.
  if (ticket.ever_admitted) return verdict("admit", "reentry", { since: ticket.left_at });
  const attention = ticket.attention ? [ticket.attention] : [];
  if (own.age && CARD_AGES.includes(own.age)) attention.push(`age:${own.age}`);
  if (own.ends_after_22 && !ADULT_AGES.includes(own.age ?? "")) attention.push("minor");
  const good = ticket.unlisted ? "ok_unlisted" : "ok";
  return verdict("admit", attention.length ? "ok_attention" : good, { attention });
}
