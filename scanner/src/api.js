/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").Scan} Scan */

const SCAN_TIMEOUT_MS = 1_500;
const PATIENT_TIMEOUT_MS = 10_000;

/** No answer came: no network, a server that is down, or too slow. */
export class NoAnswer extends Error {}

/** The server refused; `code` is its stable problem code. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} code
   */
  constructor(status, code) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} pairingCode
 * @returns {Promise<Device>}
 */
export function pair(pairingCode) {
  return call("/api/v1/door/devices", { body: { pairing_code: pairingCode } });
}

/**
 * @param {string} token
 * @param {string | null} cursor
 * @param {{unsent: number, battery: number | null}} state what staff see of this phone
 * @returns {Promise<import("./types.js").SyncAnswer>}
 */
export function sync(token, cursor, { unsent, battery }) {
  const query = new URLSearchParams({ unsent: String(unsent) });
  if (battery !== null) query.set("battery", String(battery));
  if (cursor !== null) query.set("cursor", cursor);
  return call(`/api/v1/door/sync?${query}`, { token });
}

/**
 * @param {string} token
 * @param {Scan[]} scans
 * @param {string} sentAt by this phone's own clock
 * @returns {Promise<{results: import("./types.js").Answer[]}>}
 */
export function sendScans(token, scans, sentAt) {
  return call("/api/v1/door/scans", { token, body: { sent_at: sentAt, scans }, timeout: SCAN_TIMEOUT_MS });
}

/**
 * @param {string} path
 * @param {{token?: string, body?: object, timeout?: number}} options
 * @returns {Promise<any>} the answer's JSON
 */
async function call(path, { token, body, timeout = PATIENT_TIMEOUT_MS }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";

  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    const response = await fetch(path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: abort.signal,
    });
    if (response.ok) return await response.json();
    if (response.status >= 500) throw new NoAnswer(`status ${response.status}`);
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, typeof problem.code === "string" ? problem.code : "");
  } catch (error) {
    if (error instanceof Refused || error instanceof NoAnswer) throw error;
    throw new NoAnswer("no answer", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
