// The three books of words agree with each other, and hold nothing that the page does not say.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import en from "../../scanner/src/words/en.js";
import { Speech } from "../../scanner/src/words/index.js";
import kk from "../../scanner/src/words/kk.js";
import ru from "../../scanner/src/words/ru.js";

const SOURCES = new URL("../../scanner/src/", import.meta.url);
const BOOKS = { kk, ru, en };
const FORMS = { kk: 2, ru: 3, en: 2 };

const placeholders = (text) => [...new Set(text.match(/%\(\w+\)[sd]/g))].sort();

for (const [language, book] of Object.entries(BOOKS)) {
  test(`${language} has every text, in its own words, with the same placeholders`, () => {
    assert.deepEqual(Object.keys(book), Object.keys(en));
    for (const [key, text] of Object.entries(book)) {
      assert.ok(text.trim(), key);
      assert.deepEqual(placeholders(text), placeholders(en[key]), key);
    }
  });

  test(`${language} has as many forms of a plural as the language`, () => {
    for (const [key, text] of Object.entries(book)) {
      if (key.startsWith("plural.")) assert.equal(text.split("|").length, FORMS[language], key);
    }
  });

  test(`${language} has twelve months and seven weekdays`, () => {
    assert.equal(book.months.split("|").length, 12);
    assert.equal(book.weekdays.split("|").length, 7);
  });
}

test("every text is said somewhere", () => {
  const files = readdirSync(SOURCES).filter((name) => name.endsWith(".js"));
  const code = files.map((name) => readFileSync(new URL(name, SOURCES), "utf8")).join("\n");
  // Titles, advice and concessions are found by the reason or the ticket.
  const found = /^(door\.\w+\.(title|advice|hint)|concession\.\w+)$/;
  const unsaid = Object.keys(en).filter((key) => !found.test(key) && !code.includes(`"${key}"`));
  assert.deepEqual(unsaid, []);
});

test("plural forms follow the number", () => {
  const said = (language, ...numbers) =>
    numbers.map((n) => new Speech(language).count("plural.minutes_ago", n).replaceAll("\u00a0", " "));
  assert.deepEqual(said("en", 1, 2), ["1 minute ago", "2 minutes ago"]);
  assert.deepEqual(said("ru", 1, 3, 5, 11, 12, 21, 22, 111), [
    "1 минуту назад",
    "3 минуты назад",
    "5 минут назад",
    "11 минут назад",
    "12 минут назад",
    "21 минуту назад",
    "22 минуты назад",
    "111 минут назад",
  ]);
  assert.deepEqual(said("kk", 1, 3), ["1 минут бұрын", "3 минут бұрын"]);
});

test("a Russian hall is written small inside a line, and not where it stands alone", () => {
  const speech = new Speech("ru");
  assert.equal(speech.say("door.screening_moved.title", { hall: "Зал 2" }), "Теперь зал 2");
  assert.equal(speech.say("door.wrong_screening.title", { hall: "Зал 2" }), "Зал 2");
  assert.match(new Speech("kk").say("door.screening_moved.title", { hall: "2-зал" }), /^Енді 2-зал$/);
});
