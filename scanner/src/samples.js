/**
 * Sample codes: with each of them a practising phone shows one verdict. Their twin is ticketing/door/samples.py; both are
 * held against tests/vectors/samples.json.
 */

import { redirectTo } from "./decide.js";

/** @typedef {import("./types.js").Screening} Screening */
/** @typedef {import("./card.js").Scene} Scene */

/** @type {Readonly<Record<string, string>>} */
export const SAMPLES = {
  ok: "K1HPROGMBYOGD2NF4SXAKVPTBVZ4",
  ok_attention: "K1CXUIXSIULIUI4733TRP6N72Y2A",
  reentry: "K1HQSWQRYOV56UOMQA5TI6TK5HFA",
  exit: "K1CK4WETTRZFV7IF656TJKIYHS2I",
  ok_unlisted: "K1EE7C32OE4TUJCW5V22GM4M4MLA",
  already_in: "K1PBOQBKRZQIXQDBLWW42SQXYQWU",
  wrong_screening: "K1PM2VNCK63EJ4PP74E5Z67OH5IY",
  wrong_venue: "K1AN5WE6PVQUCAILMGKNQJNTQRKA",
  wrong_day: "K13XBK6A4Q6LA7JZS4VZZVOUDBPI",
  screening_moved: "K1O2DW33FKHYZEOELSC66BRTNXCM",
  screening_cancelled: "K1XIYUI6OXZYK6PLQEAJHSFLNHG4",
  too_early: "K15NT2X2AVS3KG6NV3HYGUVCAFTU",
  too_late: "K1S3CR7NCFLACENMTTFMBHG6STC4",
  refunded: "K1SV2HB4A42QN6PTI4U54XC2WROY",
  cancelled: "K1LX4ODYPRWOSMC2NGB4HFXEK3RY",
  blocked: "K1L2AIDRUMNOPM75573EAA6OM4TM",
  reissued: "K1AC4FTEHQ62SM6WV2IWTYQD273U",
  needs_reservation: "K1T2PWW4Q7Q2D2VFKLS3Y4F3XJNA",
  full: "K1XOY5MS2ITU4NPHUOJNHS7QFLLI",
  lease_spent: "K1D552ERNSXS3GN65T6MQ337BTFY",
  unknown: "K1GGDT4IJPBT2SXP4U7OSIKULBPI",
  bad_signature: "K1AKADZCTSLLE6ZBA7WPTSJIRAQE",
  unknown_key: "K1XV5CE5SA23FE3CJAZ7JGZ5BSIY",
  newer_version: "K1SH27DWWHDZQV73SQTMYQ567T7Y",
  stale: "K12TBLZXQM3WXQRHSXQ3IQST3P44",
};

const ADMITS = ["ok", "ok_attention", "reentry", "exit", "ok_unlisted"];
const MINUTES_AGO_MS = 180_000;
const TICKET = { ticket: "", place: "5-12", row: "5", number: "12", band: "Центр", section: null, concession: "student" };

/** @type {Record<string, (other: Screening, own: Screening) => boolean>} */
const ELSEWHERE = {
  wrong_screening: (other, own) => other.venue === own.venue && other.hall !== own.hall && other.day === own.day,
  wrong_venue: (other, own) => other.venue !== own.venue,
  wrong_day: (other, own) => other.venue === own.venue && other.day !== own.day,
  screening_moved: (other, own) => other.venue === own.venue && other.hall !== own.hall,
};

/**
 * Which verdict a code stands for; null when it is no sample.
 *
 * @param {string} code in its canonical spelling
 */
export function sampleReason(code) {
  return Object.keys(SAMPLES).find((reason) => SAMPLES[reason] === code) ?? null;
}

/**
 * An answer as the server could give it here and now, of a ticket that nobody has.
 *
 * @param {string} reason
 * @param {Scene} scene
 * @param {Pick<import("./store.js").State, "screenings" | "halls">} known
 * @returns {import("./types.js").Answer}
 */
export function sampleAnswer(reason, scene, { screenings, halls }) {
  const fits = ELSEWHERE[reason];
  const other = fits && ([...screenings.values()].find((one) => fits(one, scene.screening)) ?? scene.screening);
  return {
    id: "",
    verdict: ADMITS.includes(reason) ? "admit" : "refuse",
    reason,
    ticket: TICKET,
    attention: reason === "ok_attention" ? ["student"] : [],
    since: new Date(scene.now - MINUTES_AGO_MS).toISOString(),
    since_gate: "A",
    since_device: scene.device,
    redirect: other ? redirectTo(other.code, screenings, halls) : null,
  };
}
