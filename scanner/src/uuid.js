/**
 * A UUIDv7 (RFC 9562, section 5.7): milliseconds since 1970 first, so that a phone's scans sort by time.
 *
 * @param {number} now milliseconds since 1970
 * @param {Uint8Array} random 10 random bytes
 */
export function uuid7(now, random) {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(now) << 16n);
  bytes.set(random, 6);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f)); // version 7
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f)); // variant
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
