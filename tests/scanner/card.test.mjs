// Every reason gets its card: colour, word and next step (DOOR, the table of reasons).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { cardFor, unansweredCard } from "../../scanner/src/card.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";

const TONES = {
  ok: "ok", reentry: "ok", exit: "ok", ok_unlisted: "ok", ok_attention: "att",
  already_in: "no", refunded: "no", cancelled: "no", blocked: "no", reissued: "no", bad_signature: "no", unknown: "no",
  wrong_screening: "go", wrong_venue: "go", wrong_day: "go", screening_moved: "go", screening_cancelled: "go",
  too_early: "att", too_late: "att", needs_reservation: "att", full: "att", lease_spent: "att",
  unknown_key: "att", newer_version: "att", stale: "att",
};
const vectors = JSON.parse(readFileSync(new URL("../vectors/verdict.json", import.meta.url), "utf8"));

const words = (text) => ({ kk: `${text} kk`, ru: `${text} ru`, en: text });
const ticket = { ticket: "t", place: "З-12-10", section: "Зал", row: "12", number: "10", band: "Центр", concession: "student" };
const redirect = {
  screening: "s09", title: words("Salt Wind"), starts_at: "2024-11-25T19:30:00+05:00",
  hall: "esentai-2", hall_name: words("Hall 2"), venue: "esentai", venue_name: words("Esentai"), minutes: 20,
};
const screening = { code: "s08", doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00" };

function scene(language = "en", more = {}) {
  return {
    speech: new Speech(language),
    calendar: new Calendar("Asia/Almaty"),
    now: Date.parse("2024-11-25T19:12:30+05:00"),
    screening,
    hall: "esentai-1",
    device: "phone-1",
    minutesSinceSync: 22,
    ...more,
  };
}

/** Blanks that do not break read like others. */
const plain = (text) => text.replaceAll("\u00a0", " ");

function answer(reason, more = {}) {
  const verdict = ["ok", "reentry", "exit", "ok_unlisted", "ok_attention"].includes(reason) ? "admit" : "refuse";
  return { id: "1", verdict, reason, ticket, redirect, attention: [], ...more };
}

for (const [reason, tone] of Object.entries(TONES)) {
  test(`${reason} is ${tone} and says what it is in each language`, () => {
    for (const language of ["kk", "ru", "en"]) {
      const card = cardFor(answer(reason, { since: "2024-11-25T19:09:00+05:00", since_gate: "A" }), scene(language));
      assert.equal(card.tone, tone);
      assert.ok(card.title);
      assert.ok(card.lines.length + card.big.length > 0);
      assert.equal(card.actions.length === 0, tone === "ok");
      assert.doesNotMatch(JSON.stringify(card), /%\(|undefined|null|NaN|Invalid/);
    }
  });
}

test("every reason that the rule can give has its card", () => {
  const given = new Set(vectors.cases.map((vector) => vector.expect.reason));
  given.delete("not_a_ticket"); // a hint in the camera's picture, never a card
  assert.deepEqual([...given].filter((reason) => !(reason in TONES)), []);
});

test("a seat is shown as row and seat, an unnumbered place by its number, any other by its label", () => {
  const figures = (more) => cardFor(answer("ok", { ticket: { ...ticket, ...more } }), scene()).big.map(({ text }) => text);
  assert.deepEqual(figures({}), ["12", "10"]);
  assert.deepEqual(figures({ row: null, number: 117 }), ["117"]);
  assert.deepEqual(figures({ row: null, number: null, place: "Box 3" }), ["Box 3"]);
  assert.deepEqual(cardFor(answer("ok"), scene("ru")).lines, ["Центр"]);
});

test("a direction names the right hall, or the time where the hall is this one", () => {
  assert.equal(cardFor(answer("wrong_screening"), scene()).title, "Hall 2");
  const here = cardFor(answer("wrong_screening", { redirect: { ...redirect, hall: "esentai-1" } }), scene());
  assert.equal(here.title, "Another time");
  assert.deepEqual(here.big, [{ text: "19:30" }]);
  const day = cardFor(answer("wrong_day"), scene());
  assert.deepEqual(day.big, [{ text: "25", unit: "November" }]);
});

test("already in says when, which door and which phone", () => {
  const since = { since: "2024-11-25T19:09:00+05:00", since_gate: "A", since_device: "phone-1" };
  const card = cardFor(answer("already_in", since), scene());
  assert.deepEqual(card.big, [{ text: "19:09" }]);
  assert.match(card.lines[0], /19:09, door A/);
  assert.equal(plain(card.strong), "3 minutes ago, this phone");
  const elsewhere = cardFor(answer("already_in", { ...since, since_device: "phone-2" }), scene());
  assert.equal(plain(elsewhere.strong), "3 minutes ago, another phone");
  assert.equal(
    cardFor(answer("already_in", { ...since, since: "2024-11-25T19:12:01+05:00" }), scene()).strong,
    "Just now, this phone",
  );
});

test("too early counts down on the day, and names the date before it", () => {
  const early = scene("en", { now: Date.parse("2024-11-25T18:40:00+05:00") });
  assert.deepEqual(cardFor(answer("too_early"), early).big, [{ text: "19:00" }]);
  assert.equal(plain(cardFor(answer("too_early"), early).strong), "20 min left");
  const before = scene("en", { now: Date.parse("2024-11-20T18:40:00+05:00") });
  assert.deepEqual(cardFor(answer("too_early"), before).big, [{ text: "25", unit: "November" }]);
  assert.equal(cardFor(answer("too_early"), before).strong, "");
});

test("attention names each check, and both ways on", () => {
  const card = cardFor(answer("ok_attention", { attention: ["student", "age:16+", "minor"] }), scene());
  assert.deepEqual(card.lines.map(plain), [
    "Ask for the student card, then admit",
    "16+: check age, then admit",
    "Ends after 22:00: under 18 only with a parent or guardian",
  ]);
  assert.equal(card.strong, "Student");
  assert.deepEqual(card.actions, ["card_seen", "no_card"]);
});

test("a reason unheard of is shown by its verdict, and a refusal never turns green", () => {
  assert.equal(cardFor(answer("brand_new", { verdict: "admit" }), scene()).tone, "ok");
  assert.equal(cardFor(answer("brand_new"), scene()).tone, "att");
  assert.equal(cardFor(answer("constructor"), scene()).tone, "att");
});

test("no answer is amber, with the same scan to send again", () => {
  const card = unansweredCard(new Speech("en"));
  assert.equal(card.tone, "att");
  assert.deepEqual(card.actions, ["retry", "next"]);
});
