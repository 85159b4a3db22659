// The sums that the refund form shows at once; the server works them out again and compares.

export const MINOR_PER_MAJOR = 100;
const NO_BREAK = "\u00a0";

/**
 * @param {number} minor
 * @returns {string} `4 500 ₸`, as the server writes it
 */
export function moneyText(minor) {
  const major = String(Math.floor(minor / MINOR_PER_MAJOR)).replace(/\B(?=(\d{3})+$)/g, NO_BREAK);
  const rest = minor % MINOR_PER_MAJOR;
  return `${major}${rest ? `,${String(rest).padStart(2, "0")}` : ""}${NO_BREAK}₸`;
}

/**
 * The twin of `kept_fee` in ticketing/boxoffice/rules.py; both run tests/vectors/refund.json.
 * @param {string} typed
 * @param {number} policy what the policy keeps of the chosen tickets
 * @returns {number | null} minor units, or null when what was typed is no number
 */
export function feeOf(typed, policy) {
  const plain = typed.replace(/[\s\u00a0\u202f]/g, "");
  if (!plain) return policy;
  return /^\d{1,9}$/.test(plain) ? Number(plain) * MINOR_PER_MAJOR : null;
}
