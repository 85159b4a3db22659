/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").Scan} Scan */

const SCAN_TIMEOUT_MS = 1_500;
const PATIENT_TIMEOUT_MS = 10_000;

/** Said by the venue's relay in all that it answers: its name. */
const RELAY_MARK = "Kassa-Relay";

/** No answer came: no network, a server that is down, or too slow. */
export class NoAnswer extends Error {
  /** @type {string | undefined} the venue's relay that said so; empty: the server itself; undefined: nobody answered */
  relayed = undefined;
}

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
 * @param {object} state what staff see of this phone, and at times the digest of all that it holds
 * @param {number} state.unsent
 * @param {number | null} state.battery
 * @param {string | null} [state.digest]
 * @param {string} [state.screening] where the phone stands
 * @param {string} [state.rush] the digest of what it knows of the rush line there
 * @param {string[]} [state.settled] screenings of whose release it knows
 * @returns {Promise<import("./types.js").SyncAnswer & {relayed: string}>} `relayed`: by which relay it came
 */
export async function sync(token, cursor, { unsent, battery, digest, screening, rush, settled = [] }) {
  const query = new URLSearchParams({ unsent: String(unsent) });
  if (digest) query.set("digest", digest);
  if (screening) query.set("screening", screening);
  if (rush) query.set("rush", rush);
  if (settled.length > 0) query.set("settled", settled.join(","));
  if (battery !== null) query.set("battery", String(battery));
  if (cursor !== null) query.set("cursor", cursor);
  const { json, relayed } = await exchange(`/api/v1/door/sync?${query}`, { token });
  return { ...json, relayed };
}

/**
 * Gives places of the rush line back, then asks for up to `hold` unused ones in all.
 *
 * @param {string} token
 * @param {string} screening
 * @param {number} hold
 * @param {number[]} giveBack
 * @returns {Promise<{rush: import("./types.js").RushTold | null}>}
 */
export function lease(token, screening, hold, giveBack = []) {
  return call("/api/v1/door/leases", { token, body: { screening, hold, give_back: giveBack } });
}

/**
 * @param {string} token
 * @param {Scan[]} scans
 * @param {string} sentAt by this phone's own clock
 * @param {boolean} [patient] nobody waits for the answer
 * @returns {Promise<{results: import("./types.js").Answer[]}>}
 */
export function sendScans(token, scans, sentAt, patient = false) {
  const timeout = patient ? PATIENT_TIMEOUT_MS : SCAN_TIMEOUT_MS;
  return call("/api/v1/door/scans", { token, body: { sent_at: sentAt, scans }, timeout });
}

/**
 * @param {string} token
 * @param {{screening: string, last: string, pin: string}} wanted the end of an order's code or of a phone number
 * @returns {Promise<{guests: import("./types.js").Guest[], more: boolean}>}
 */
export function findGuests(token, wanted) {
  return call("/api/v1/door/guests", { token, body: wanted });
}

/**
 * What a revoked phone still had to send, for staff to decide on; no answer holds a verdict.
 *
 * @param {string} token
 * @param {Scan[]} scans
 * @param {string} sentAt by this phone's own clock
 * @returns {Promise<{results: import("./types.js").Answer[]}>}
 */
export function handOver(token, scans, sentAt) {
  return call("/api/v1/door/quarantine", { token, body: { sent_at: sentAt, scans } });
}

/**
 * What this phone has shown, and a scan that it would let in: the venue's relay answers this by itself.
 *
 * @param {string} token
 * @param {object} told
 * @param {object[]} told.statements
 * @param {object} [told.wanted]
 * @param {number} timeout
 * @returns {Promise<{admission: import("./book.js").Admitted | null}>} who was in before that scan
 */
export function claim(token, told, timeout) {
  return call("/api/v1/relay/claims", { token, body: told, timeout });
}

/**
 * @param {string} path
 * @param {{token?: string, body?: object, timeout?: number}} options
 * @returns {Promise<any>} the answer's JSON
 */
async function call(path, options) {
  return (await exchange(path, options)).json;
}

/**
 * @param {string} path
 * @param {{token?: string, body?: object, timeout?: number}} options
 * @returns {Promise<{json: any, relayed: string}>}
 */
async function exchange(path, { token, body, timeout = PATIENT_TIMEOUT_MS }) {
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
    const relayed = decodeURIComponent(response.headers.get(RELAY_MARK) ?? "");
    if (response.ok) return { json: await response.json(), relayed };
    if (response.status >= 500) throw Object.assign(new NoAnswer(`status ${response.status}`), { relayed });
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, typeof problem.code === "string" ? problem.code : "");
  } catch (error) {
    if (error instanceof Refused || error instanceof NoAnswer) throw error;
    throw new NoAnswer("no answer", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
