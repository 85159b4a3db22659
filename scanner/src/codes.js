/**
 * Reading whatever a camera or a hand delivers. The twin of ticketing/tickets/codes.py; both run
 * tests/vectors/codes.json.
 */

/** @typedef {"opaque" | "signed" | "slip" | "newer" | "not_a_ticket"} CodeKind */
/** @typedef {{kind: CodeKind, canonical: string}} ParsedCode canonical is empty when it is not a ticket's */

const LONGEST_INPUT = 512;

// What people and printers put between groups: blanks of all kinds, hyphens and dashes, marks of no width.
const SEPARATORS =
  "[\\t\\n\\v\\f\\r \\u00a0\\u00ad\\u2007\\u2009\\u200b\\u200e\\u200f\\u202f\\u2060\\ufeff\\u2010-\\u2014\\u2212-]";
const SEPARATOR = new RegExp(SEPARATORS, "g");
const OUTSIDE = new RegExp(`^${SEPARATORS}+|${SEPARATORS}+$`, "g");

// 26 characters carry 130 bits for 128: the last character's two lowest bits are padding and must be zero,
// or one ticket would have four spellings with four digests.
const OPAQUE = /^K1[A-Z2-7]{25}[AEIMQUY4]$/;
const SIGNED = /^K2[0-9A-Z $%*+\-./:]{120}$/;
// The link in a slip's picture opens its page on a phone; the code is at its end.
const SLIP = /^(?:HTTPS?:[!-~]*[=/])?(R1[A-Z2-7]{25}[AEIMQUY4])$/;
const NEWER = /^K[3-9][0-9A-Z]{20,}$/;
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LARGEST_PAIR = 0xffff;

/**
 * Reads a scanned or typed text of any content and length (cut at 512 characters); never throws.
 *
 * @param {string} text
 * @returns {ParsedCode}
 */
export function parse(text) {
  const cut = [...text.slice(0, 2 * LONGEST_INPUT)].slice(0, LONGEST_INPUT).join("");
  // `toUpperCase` would turn ß into SS and ı into I: only the letters of the alphabet itself are raised.
  const upper = cut.replace(/[a-z]/g, (letter) => letter.toUpperCase());

  // Base45 contains the blank and the hyphen, so a signed code is only trimmed, not squeezed.
  const trimmed = upper.replace(OUTSIDE, "");
  if (SIGNED.test(trimmed) && isBase45(trimmed.slice(2))) return { kind: "signed", canonical: trimmed };

  const squeezed = upper.replace(SEPARATOR, "");
  if (squeezed.startsWith("K1")) {
    const opaque = `K1${asTyped(squeezed.slice(2))}`;
    if (OPAQUE.test(opaque)) return { kind: "opaque", canonical: opaque };
  } else if (squeezed.startsWith("R1")) {
    const slip = `R1${asTyped(squeezed.slice(2))}`;
    if (SLIP.test(slip)) return { kind: "slip", canonical: slip };
  } else if (SLIP.test(squeezed)) {
    return { kind: "slip", canonical: SLIP.exec(squeezed)?.[1] ?? "" };
  } else if (NEWER.test(squeezed)) {
    return { kind: "newer", canonical: squeezed };
  }
  return { kind: "not_a_ticket", canonical: "" };
}

/**
 * The code in groups of four, the way people read it out: `K1SH ZF72 …`.
 *
 * @param {string} code
 */
export function inGroups(code) {
  return (code.match(/.{1,4}/g) ?? []).join(" ");
}

/**
 * These three digits are not in the base32 alphabet, so a typist who writes them means the letter.
 *
 * @param {string} text
 */
function asTyped(text) {
  return text.replaceAll("0", "O").replaceAll("1", "I").replaceAll("8", "B");
}

/**
 * Says whether each three characters stand for two bytes (RFC 9285).
 *
 * @param {string} text
 */
function isBase45(text) {
  const value = (/** @type {number} */ i) => BASE45.indexOf(text.charAt(i));
  for (let i = 0; i < text.length; i += 3) {
    if (value(i) + value(i + 1) * 45 + value(i + 2) * 2025 > LARGEST_PAIR) return false;
  }
  return true;
}
