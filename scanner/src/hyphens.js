/**
 * Where a title's long word may break on a narrow phone: titles are never set below 64 px, and browsers do
 * not know how to divide Kazakh words.
 */
const BREAKS = [
  "Пропу-стить",
  "Повтор-ный",
  "Возвра-щён",
  "Недей-стви-телен",
  "Забло-киро-ван",
  "Қайта-рыл-ған",
  "Бұғат-тал-ған",
  "Жарам-сыз",
  "Табыл-мады",
  "Жазыл-мады",
];
const SOFT_HYPHEN = "\u00ad";

/** @param {string} title */
export function softly(title) {
  return BREAKS.reduce(
    (text, word) => text.replace(word.replaceAll("-", ""), word.replaceAll("-", SOFT_HYPHEN)),
    title,
  );
}
