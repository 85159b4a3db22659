/** Whether a key of the festival has signed a code: by the browser's own cryptography, else by a file of ours. */

import { claimOf, signedText, VERSION } from "./signed-codes.js";

/** @typedef {import("./types.js").PublicKey} PublicKey */
/** @typedef {import("./signed-codes.js").Statement} Statement */
/** @typedef {import("./signed-codes.js").Standing} Standing */
/** @typedef {{standing: Standing, statement: Statement | null}} Reading */
/** @typedef {(signature: Uint8Array<ArrayBuffer>, text: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>) => Promise<boolean>} Verify */

/**
 * @param {string} code a signed one, in the spelling of `parse`
 * @param {readonly PublicKey[]} keys
 * @param {Verify} [verify]
 * @returns {Promise<Reading>}
 */
export async function readSigned(code, keys, verify = verifyAnyhow) {
  const { version, key: number, understood, statement, body, signature } = claimOf(code);
  if (version > VERSION) return nothing("newer_version");
  if (version < VERSION) return nothing("bad_signature");
  const key = keys.find((one) => one.key === number);
  if (!key) return nothing("unknown_key");
  const isGood = await verify(signature, signedText(key.realm, body), fromHex(key.public));
  if (!isGood) return nothing("bad_signature");
  return understood ? { standing: "good", statement } : nothing("newer_version");
}

/**
 * The browser's own. Rejects where it knows no Ed25519.
 *
 * @type {Verify}
 */
export async function verifyByBrowser(signature, text, key) {
  const { subtle } = crypto;
  const known = await subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return subtle.verify({ name: "Ed25519" }, known, signature, text);
}

/** @type {Verify} */
export async function verifyByFile(signature, text, key) {
  const { verify } = await import("./ed25519.js");
  return verify(signature, text, key);
}

/** @type {Verify} */
function verifyAnyhow(signature, text, key) {
  return verifyByBrowser(signature, text, key).catch(() => verifyByFile(signature, text, key));
}

/** @param {Standing} standing */
function nothing(standing) {
  return { standing, statement: null };
}

/** @param {string} text */
function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
