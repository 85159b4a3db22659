/** How a ticket's place is said: in huge figures on a card, in one line below the camera. */

/** @typedef {import("./types.js").TicketShown} TicketShown */
/** @typedef {import("./words/index.js").Speech} Speech */
/** @typedef {import("./words/index.js").Key} Key */

// Halls name their bands in Russian; the usher reads them in the page's language.
/** @type {ReadonlyMap<string, Key>} */
const BANDS = new Map([
  ["Стандарт", "band.standard"],
  ["Центр", "band.centre"],
  ["Партер", "band.stalls"],
  ["Партер I", "band.stalls_1"],
  ["Партер II", "band.stalls_2"],
  ["Амфитеатр", "band.amphitheatre"],
  ["Балкон", "band.balcony"],
  ["VIP диван", "band.vip_sofa"],
]);

/**
 * @param {TicketShown} ticket
 * @param {Speech} speech
 * @returns {import("./card.js").Figure[]}
 */
export function seatFigures(ticket, speech) {
  const { row, number, place } = ticket;
  if (hasText(row) && hasText(number)) {
    return [
      { label: speech.say("seat.row"), text: String(row) },
      { label: speech.say("seat.number"), text: String(number) },
    ];
  }
  const name = hasText(number) ? number : place;
  // Of a ticket that was sold after the last sync a phone knows no place.
  return hasText(name) ? [{ label: speech.say("noun.place"), text: String(name) }] : [];
}

/**
 * @param {TicketShown} ticket
 * @param {Speech} speech
 */
export function placeLine({ row, number, place }, speech) {
  if (hasText(row) && hasText(number)) return speech.say("last.seat", { row, seat: number });
  const name = hasText(number) ? number : place;
  return hasText(name) ? speech.say("last.place", { place: name }) : speech.say("door.ok_unlisted.advice");
}

/**
 * The band's name, or the section's where the hall has no bands; empty when there is neither.
 *
 * @param {TicketShown} ticket
 * @param {Speech} speech
 */
export function areaName({ band, section }, speech) {
  const name = band || section || "";
  const key = BANDS.get(name);
  return key ? speech.say(key) : name;
}

/**
 * @param {string | number | null | undefined} value
 * @returns {value is string | number}
 */
function hasText(value) {
  return value !== null && value !== undefined && value !== "";
}
