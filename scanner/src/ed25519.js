/**
 * Ed25519 for browsers whose own cryptography lacks it. Built as a file of its own, which nobody else loads: the
 * service worker keeps it, so that it is there without a network.
 */

import { verifyAsync } from "@noble/ed25519";

/**
 * Strictly, as the browsers' own check does it.
 *
 * @param {Uint8Array} signature
 * @param {Uint8Array} text
 * @param {Uint8Array} publicKey
 * @returns {Promise<boolean>}
 */
export function verify(signature, text, publicKey) {
  return verifyAsync(signature, text, publicKey, { zip215: false });
}
