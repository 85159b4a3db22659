/**
 * Signed ticket codes: what one says, before anybody has believed it. The twin of ticketing/tickets/signed_codes.py,
 * where the form is described; both run tests/vectors/signed.json. Pure.
 */

/**
 * @typedef {object} Statement
 * @property {number} serial the ticket's
 * @property {number} screening the screening's number
 * @property {number} revision
 * @property {string} card to ask for, or empty
 *
 * @typedef {"good" | "bad_signature" | "unknown_key" | "newer_version"} Standing
 *
 * @typedef {object} Claim what a code says
 * @property {number} version
 * @property {number} key the number of the key
 * @property {boolean} understood false with a condition that this version does not know
 * @property {Statement} statement
 * @property {Uint8Array<ArrayBuffer>} body what is signed, with the purpose and the realm before it
 * @property {Uint8Array<ArrayBuffer>} signature
 */

export const VERSION = 1;
const PURPOSE = "kassa ticket code\0";
const BODY_BYTES = 16;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const LARGEST_PAIR = 0xffff;
// In the order of their two bits; the first asks for none.
const CARDS = ["", "student", "pensioner", "child"];
const CARD_BITS = 0b11;

/**
 * @param {string} text base45 of whole pairs of bytes (RFC 9285)
 * @returns {Uint8Array<ArrayBuffer> | null} null for any other text
 */
export function fromBase45(text) {
  if (text.length % 3 !== 0) return null;
  const bytes = new Uint8Array((text.length / 3) * 2);
  for (let i = 0; i < text.length; i += 3) {
    const [first = -1, second = -1, third = -1] = [...text.slice(i, i + 3)].map((letter) => ALPHABET.indexOf(letter));
    const pair = first + second * 45 + third * 2025;
    if (Math.min(first, second, third) < 0 || pair > LARGEST_PAIR) return null;
    bytes.set([pair >> 8, pair & 0xff], (i / 3) * 2);
  }
  return bytes;
}

/**
 * @param {string} code in the spelling of `parse`
 * @returns {Claim}
 */
export function claimOf(code) {
  const bytes = fromBase45(code.slice(2));
  if (!bytes) throw new Error("not a signed code");
  const view = new DataView(bytes.buffer);
  const first = view.getUint8(0);
  const flags = view.getUint8(1);
  return {
    version: first >> 4,
    key: first & 0x0f,
    understood: (flags & ~CARD_BITS) === 0,
    statement: {
      serial: Number(view.getBigUint64(2)),
      screening: view.getUint32(10),
      revision: view.getUint16(14),
      card: CARDS[flags & CARD_BITS] ?? "",
    },
    body: bytes.slice(0, BODY_BYTES),
    signature: bytes.slice(BODY_BYTES),
  };
}

/**
 * What a key has signed if the signature is good.
 *
 * @param {string} realm the festival that the key signs for
 * @param {Uint8Array} body
 */
export function signedText(realm, body) {
  const before = new TextEncoder().encode(`${PURPOSE}${realm}\0`);
  const text = new Uint8Array(before.length + body.length);
  text.set(before);
  text.set(body, before.length);
  return text;
}
