// Practising: every sample shows its card, and nothing is written down.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Practice } from "../../scanner/src/practice.js";
import { SAMPLES } from "../../scanner/src/samples.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";

const { samples: VECTORS } = JSON.parse(readFileSync(new URL("../vectors/samples.json", import.meta.url), "utf8"));
const WORDS = { kk: "Тест", ru: "Тест", en: "Test" };
const REAL = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4";

function screening(code, hall, venue, day) {
  const starts_at = `${day}T19:30:00+05:00`;
  return { code, title: WORDS, hall, venue, day, starts_at, doors_open: `${day}T19:00:00+05:00`, doors_close: `${day}T19:45:00+05:00` };
}

function practising(screenings = [["s1", "h1", "v1", "2024-11-25"], ["s2", "h2", "v1", "2024-11-25"], ["s3", "h3", "v2", "2024-11-25"], ["s4", "h1", "v1", "2024-11-26"]]) {
  const store = new Store({ language: "en", device: null, choice: { screening: "s1", hall: "h1", gate: "A" } });
  const hall = (code, venue) => [code, { code, name: { kk: code, ru: code, en: code }, venue, venue_name: WORDS }];
  store.set({
    screenings: new Map(screenings.map((one) => [one[0], screening(...one)])),
    halls: new Map([hall("h1", "v1"), hall("h2", "v1"), hall("h3", "v2")]),
  });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: Date.parse("2024-11-25T19:05:00+05:00"),
    screening: store.screening, hall: "h1", device: "d", minutesSinceSync: 0,
  });
  const practice = new Practice({ store, scene, signal: () => {} });
  practice.begin();
  return { practice, store };
}

test("the samples are the server's", () => assert.deepEqual(SAMPLES, VECTORS));

for (const [reason, code] of Object.entries(SAMPLES)) {
  test(`${reason} is shown, in any festival`, () => {
    for (const screenings of [undefined, [["s1", "h1", "v1", "2024-11-25"]]]) {
      const { practice, store } = practising(screenings);
      assert.ok(practice.take(code));
      assert.equal(store.state.card.reason, reason);
      assert.ok(store.state.card.title);
      assert.equal(store.state.last, null);
    }
  });
}

test("a guest is sent where the reason says", () => {
  const { practice, store } = practising();
  practice.take(SAMPLES.wrong_screening);
  assert.equal(store.state.card.title, "h2");
  practice.take(SAMPLES.screening_moved);
  assert.equal(store.state.card.title, "Now h2");
});

test("a ticket of the festival is neither let in nor sent away", () => {
  const { practice, store } = practising();
  assert.ok(practice.take(REAL));
  assert.deepEqual([store.state.card.reason, store.state.card.tone], ["practice", "att"]);
  practice.act("end_practice");
  assert.deepEqual([store.state.practice, store.state.card], [false, null]);
});

test("what is no code of ours is said so", () => assert.equal(practising().practice.take("https://example.com"), false));

test("a shown card leads to green, and waits for that", () => {
  const { practice, store } = practising();
  practice.take(SAMPLES.ok_attention);
  assert.equal(practice.free, false);
  practice.take(SAMPLES.refunded);
  assert.equal(store.state.card.reason, "ok_attention");
  practice.act("card_seen");
  assert.equal(store.state.card.reason, "ok");
});
