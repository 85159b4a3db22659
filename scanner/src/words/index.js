/** The page's texts in three languages. Keys are those of the term base; placeholders are `%(name)s` and `%(n)d`. */

import en from "./en.js";
import kk from "./kk.js";
import ru from "./ru.js";

/** @typedef {import("../types.js").Language} Language */
/** @typedef {keyof typeof en} Key */

/** @type {Record<Language, Record<Key, string>>} */
const BOOKS = { kk, ru, en };

/** @type {Language} */
export const FIRST_LANGUAGE = "kk";

/** @type {{code: Language, name: string}[]} in the house's order of preference */
export const LANGUAGES = [
  { code: "kk", name: "Қазақша" },
  { code: "ru", name: "Русский" },
  { code: "en", name: "English" },
];

/**
 * @param {unknown} value
 * @returns {value is Language}
 */
export function isLanguage(value) {
  return LANGUAGES.some((language) => language.code === value);
}

/**
 * @param {string} key
 * @returns {key is Key}
 */
export function isKey(key) {
  return Object.hasOwn(en, key);
}

/** One language's texts. */
export class Speech {
  /** @param {Language} language */
  constructor(language) {
    this.language = language;
  }

  /**
   * @param {Key} key
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    const text = fill(BOOKS[this.language][key], values);
    // The data name a hall as it stands alone; inside a line Russian writes it small.
    return this.language === "ru" ? text.replace(/(?<=[^.\s] )Зал(?= )/g, "зал") : text;
  }

  /**
   * The form of the text that fits the number.
   *
   * @param {Key} key
   * @param {number} n
   */
  count(key, n) {
    const forms = BOOKS[this.language][key].split("|");
    return fill(forms[pluralForm(this.language, n)] ?? "", { n });
  }

  /**
   * The n-th text of a list such as the months.
   *
   * @param {"months" | "weekdays"} key
   * @param {number} index from 0
   */
  item(key, index) {
    return BOOKS[this.language][key].split("|")[index] ?? "";
  }

  /** @param {import("../types.js").Words} words */
  pick(words) {
    return words[this.language];
  }
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
function fill(text, values) {
  return text.replace(/%\((\w+)\)[sd]/g, (_, name) => String(values[name]));
}

/**
 * The index of the plural form (CLDR): kk and en one/other, ru one/few/many; whole numbers only.
 *
 * @param {Language} language
 * @param {number} n
 */
function pluralForm(language, n) {
  if (language !== "ru") return n === 1 ? 0 : 1;
  const [tens, units] = [n % 100, n % 10];
  if (units === 1 && tens !== 11) return 0;
  return units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? 1 : 2;
}
