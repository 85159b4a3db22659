// A phone whose disk takes nothing more: what is only in memory is never plain green, and nothing is forgotten.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { entryHash } from "../../scanner/src/log.js";
import { makeParts } from "../../scanner/src/parts.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";
import { MemoryKeeper } from "./keeper.mjs";

const CODE = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4";
const HALL = { code: "esentai-1", venue: "esentai", name: { en: "Hall 1" }, venue_name: { en: "Esentai" } };
const SCREENING = {
  code: "s08", hall: "esentai-1", venue: "esentai", day: "2024-11-25", status: "on_sale", age: null, ends_after_22: false,
  title: { en: "Wind" }, starts_at: "2024-11-25T19:30:00+05:00", transfer_minutes: 0, admitted: 0, capacity: 346,
  doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00",
};
const NOW = Date.parse("2024-11-25T14:12:00Z");
const realFetch = globalThis.fetch;
let keeper, store, parts, sent, down;

beforeEach(async () => {
  keeper = new MemoryKeeper();
  keeper.full = true;
  sent = [];
  down = true;
  globalThis.fetch = async (_path, { body }) => {
    if (down) throw new TypeError("no network");
    const { scans } = JSON.parse(body);
    sent.push(...scans);
    const results = scans.map(({ id, verdict = "admit", reason = "ok" }) => ({ id, verdict, reason }));
    return new Response(JSON.stringify({ results }));
  };
  const clock = new Clock(() => NOW);
  store = new Store({
    language: "en",
    device: { device: "d", token: "secret", venue: "esentai", name: "Phone 1" },
    choice: { screening: "s08", hall: "esentai-1", gate: "B" },
  });
  store.set({ screenings: new Map([["s08", SCREENING]]), halls: new Map([["esentai-1", HALL]]), syncedAt: NOW, online: false });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: SCREENING,
    hall: "esentai-1", device: "d", minutesSinceSync: 0,
  });
  parts = makeParts({ store, clock, keeper, scene, signal: () => {} });
  await parts.log.load();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

async function knows(card = "") {
  const hash = Buffer.from(await keyOf(CODE), "hex").toString("base64");
  const tickets = {
    hash, screenings: ["s08"], screening: [0], row: ["12"], number: ["10"], areas: ["Центр"], area: [0], card: [card],
    state: ["valid"], revision: [1], serial: [7],
  };
  const admissions = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
  parts.book.apply({ cursor: "c", full: true, tickets, admissions });
}

async function settled() {
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (store.state.checking);
}

async function take() {
  parts.desk.take(CODE);
  await settled();
  return store.state.card;
}

test("without a network whoever is let in is not green, and the card says what to do", async () => {
  await knows();
  const { reason, tone, title, big, lines, actions } = await take();
  assert.deepEqual([reason, tone, title, actions], ["unsaved", "att", "Not saved", ["next"]]);
  assert.deepEqual(big.map(({ text }) => text), ["12", "10"]);
  assert.match(lines[0], /keep this page open/);
  assert.deepEqual([parts.log.unsaved, store.state.unsent], [1, 1]);
  parts.desk.act("next");
  assert.equal((await take()).reason, "already_in");
});

test("so it is after a card was seen, and when a supervisor lets somebody in", async () => {
  await knows("student");
  assert.equal((await take()).reason, "ok_attention");
  parts.desk.act("card_seen");
  await settled();
  assert.equal(store.state.card.reason, "unsaved");
  parts.desk.act("next");
  assert.equal((await take()).reason, "already_in");
  await parts.desk.override("other");
  assert.equal(store.state.card.reason, "unsaved");
});

test("with a network the server is asked first, and its word is durable there", async () => {
  await knows();
  down = false;
  store.set({ online: true });
  assert.equal((await take()).tone, "ok");
  assert.equal(parts.log.unsaved, 0);
});

test("what the disk refused goes to it as soon as it takes anything, in one piece", async () => {
  await knows();
  await take();
  parts.desk.undo();
  await settled();
  assert.deepEqual([parts.log.size, parts.log.unsaved, keeper.records], [2, 1, []]); // two entries of one scan
  keeper.full = false;
  await parts.log.save();
  assert.equal(parts.log.unsaved, 0);
  const [admit, undo] = keeper.records.map(({ entry }) => entry);
  assert.equal(undo.prev, await entryHash(admit));
  assert.deepEqual(keeper.kept.get("head"), { seq: 2, hash: await entryHash(undo) });
});

test("so does the next scan, with all that was refused before it", async () => {
  await knows();
  await take();
  keeper.full = false;
  parts.desk.act("next");
  await take();
  assert.deepEqual(keeper.records.map(({ seq }) => seq), [1, 2]);
});

test("what the server has answered for is not unsaved; the log's end still goes to the disk", async () => {
  await knows();
  await take();
  down = false;
  await parts.register.flush();
  assert.deepEqual([parts.log.unsaved, sent.map(({ seq }) => seq)], [0, [1]]);
  keeper.full = false;
  await parts.log.save();
  assert.deepEqual([keeper.kept.get("head").seq, keeper.records], [1, []]);
});

test("a phone that lacks room keeps the tickets of its own screening alone", async () => {
  await knows();
  const other = await keyOf("K1HPROGMBYOGD2NF4SXAKVPTBVZ4");
  parts.book.learn(other, { ...parts.book.find(await keyOf(CODE)), serial: 8, screening: "s09" });
  store.set({ storageFull: true, festival: {} });
  await parts.syncing.keep();
  assert.deepEqual(JSON.parse(keeper.kept.get("tickets")).tickets.map(([, { screening }]) => screening), ["s08"]);
  store.set({ storageFull: false });
  await parts.syncing.keep();
  assert.equal(JSON.parse(keeper.kept.get("tickets")).tickets.length, 2);
});
