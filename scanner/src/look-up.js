/** What the phone itself knows of a code: from the last sync, or from what a key of the festival has signed. */

import { readSigned } from "./signatures.js";

/** @typedef {import("./book.js").Known} Known */
/** @typedef {import("./signed-codes.js").Statement} Statement */
/** @typedef {import("./signatures.js").Reading} Reading */
/** @typedef {{known: Known | null, signature: import("./signed-codes.js").Standing | null}} Found */

/**
 * @param {import("./codes.js").ParsedCode} code
 * @param {string} key under which the book would know it
 * @param {import("./book.js").Book} book
 * @param {Pick<import("./store.js").State, "keys" | "screenings">} state
 * @returns {Promise<Found>}
 */
export async function lookUp(code, key, book, { keys, screenings }) {
  const known = book.find(key);
  if (known || code.kind !== "signed") return { known, signature: null };
  const { standing, statement } = await readSigned(code.canonical, keys).catch(unread);
  return { known: statement && ticketOf(statement, book, screenings), signature: standing };
}

/**
 * The file that checks signatures where the browser does not is missing: the code may be good.
 *
 * @returns {Reading}
 */
function unread() {
  return { standing: "unknown_key", statement: null };
}

/**
 * The book does not know this code. If it knows one of the same ticket that is as new, this one has ended; if it knows
 * an older one, this is the same ticket, whoever came in with it before.
 *
 * @param {Statement} statement
 * @param {import("./book.js").Book} book
 * @param {ReadonlyMap<string, import("./types.js").Screening>} screenings
 * @returns {Known}
 */
function ticketOf({ serial, screening: number, revision, card }, book, screenings) {
  const copy = book.newest(serial);
  if (copy && copy.revision >= revision) {
    return { ...copy, state: copy.state === "valid" ? "reissued" : copy.state, unlisted: true };
  }
  if (copy) return { ...copy, revision, unlisted: true };
  const screening = [...screenings.values()].find((one) => one.number === number)?.code ?? "";
  const place = { row: "", number: "", area: "" };
  return { screening, ...place, card, state: "valid", revision, serial, admission: null, unlisted: true };
}
