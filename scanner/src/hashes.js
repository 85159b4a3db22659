/** Digests of texts, as the server makes them. */

/**
 * @param {string} text
 * @returns {Promise<string>} SHA-256 in hex
 */
export async function sha256(text) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** @param {Iterable<number>} bytes */
export function hex(bytes) {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
