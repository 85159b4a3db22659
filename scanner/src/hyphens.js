/**
 * Where a title's long word may break on a narrow phone: titles are never set below 64 px, and browsers do
 * not know how to divide Kazakh words.
 */
const BREAKS = [
  "Пропу-стить",
  "Повтор-ный",
  "Возвра-щён",
  "Недействи-телен",
  "Заблоки-рован",
  "Қайтарыл-ған",
  "Бұғаттал-ған",
  "Жарам-сыз",
  "Табыл-мады",
];
const SOFT_HYPHEN = "\u00ad";

/** @param {string} title */
export function softly(title) {
  return BREAKS.reduce(
    (text, word) => text.replace(word.replace("-", ""), word.replace("-", SOFT_HYPHEN)),
    title,
  );
}
