const NO_BREAK = "\u00a0";
const MINOR_PER_MAJOR = 100;
/** @type {Record<string, string>} */
const SYMBOLS = { KZT: "₸" };

/**
 * The same text as the server's `money_text`: `4 500 ₸`.
 * @param {number} minor hundredths
 * @param {string} currency
 */
export function moneyText(minor, currency) {
  const major = Math.floor(minor / MINOR_PER_MAJOR);
  const rest = minor % MINOR_PER_MAJOR;
  const digits = String(major).replace(/\B(?=(\d{3})+$)/g, NO_BREAK);
  const hundredths = rest ? `,${String(rest).padStart(2, "0")}` : "";
  return `${digits}${hundredths}${NO_BREAK}${SYMBOLS[currency] ?? currency}`;
}
