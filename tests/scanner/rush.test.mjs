// The rush line on the phone: slips, leased places, each named in one scan, with and without a network.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { makeParts } from "../../scanner/src/parts.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";
import { MemoryKeeper } from "./keeper.mjs";

const SLIPS = ["R1AAAQEAYEAUDAOCAJBIFQYDIOB4", "R1AAAQEAYEAUDAOCAJBIFQYDIOBA", "R1AAAQEAYEAUDAOCAJBIFQYDIOBE"];
const TICKET = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4";
const HALL = { code: "a", venue: "v", name: { en: "Hall 1" }, venue_name: { en: "Venue" } };
const SCREENING = {
  code: "s08", hall: "a", venue: "v", day: "2024-11-25", status: "on_sale", age: null, ends_after_22: false, title: { en: "Wind" },
  starts_at: "2024-11-25T19:30:00+05:00", doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00",
  transfer_minutes: 0, admitted: 0, capacity: 9, released_at: "2024-11-25T19:05:00+05:00", called: 3,
};
const EMPTY = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
const SEATS = [{ place: 11, row: "1", number: "5", area: "" }, { place: 12, row: "1", number: "6", area: "" }];
const realFetch = globalThis.fetch;
let keeper, store, parts, server;

function line(more = {}) {
  return { screening: "s08", digest: "d", released_at: SCREENING.released_at, called: 3, numbers: 3, free: 4, leased: 2, taken: 0, leases: SEATS, ...more };
}

async function slipColumns() {
  const hashes = await Promise.all(SLIPS.map(async (code) => Buffer.from((await keyOf(code)), "hex")));
  return { hash: Buffer.concat(hashes).toString("base64"), number: [1, 2, 3], admissions: EMPTY };
}

async function startPhone() {
  const clock = new Clock(() => Date.parse("2024-11-25T14:12:00Z"));
  store = new Store({
    language: "en", device: { device: "d", token: "t", venue: "v", name: "Phone" }, choice: { screening: "s08", hall: "a", gate: "A" },
  });
  store.set({ screenings: new Map([["s08", SCREENING]]), halls: new Map([["a", HALL]]), syncedAt: clock.phone(), online: false });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: store.screening, hall: "a", device: "d",
    minutesSinceSync: 0,
  });
  parts = makeParts({ store, clock, keeper, scene, signal: () => {} });
  await parts.log.load();
  await parts.rush.restore();
  const hash = Buffer.from((await keyOf(TICKET)), "hex").toString("base64");
  const tickets = {
    hash, screenings: ["s08"], screening: [0], row: ["12"], number: ["10"], areas: [""], area: [0], card: [""], state: ["valid"], revision: [1],
    serial: [7],
  };
  parts.book.apply({ cursor: "c", full: true, tickets, admissions: EMPTY });
}

beforeEach(async () => {
  keeper = new MemoryKeeper();
  server = { answer: null, scans: [] };
  globalThis.fetch = async (_path, { body }) => {
    if (!server.answer) throw new TypeError("no network");
    const { scans } = JSON.parse(body);
    server.scans.push(...scans);
    const results = scans.map(({ id, verdict, reason }) => ({ id, ...(verdict ? { verdict, reason } : server.answer) }));
    return new Response(JSON.stringify({ results }));
  };
  await startPhone();
  await parts.rush.learn({ ...line(), slips: await slipColumns() });
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

async function take(code) {
  parts.desk.act("next");
  parts.desk.take(code);
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (store.state.checking);
  return store.state.card;
}

const left = () => parts.rush.unspent.map(({ place }) => place);
const named = () => keeper.records.map(({ entry }) => [entry.verdict, entry.place]);

test("slips are let in alone while leased places last, each on its own", async () => {
  const first = await take(SLIPS[0]);
  assert.deepEqual([first.reason, first.big.map(({ text }) => text), first.lines], ["ok", ["1", "5"], ["Slip number 1"]]);
  assert.equal((await take(SLIPS[0])).reason, "already_in");
  assert.equal((await take(SLIPS[1])).reason, "ok");
  assert.equal((await take(SLIPS[2])).reason, "lease_spent");
  assert.deepEqual(left(), []);
  assert.deepEqual(named(), [["admit", 11], ["refuse", undefined], ["admit", 12], ["refuse", undefined]]);
});

test("a late guest needs a place too, and is told that it is another seat", async () => {
  const card = await take(TICKET);
  assert.deepEqual([card.reason, card.big.map(({ text }) => text)], ["ok", ["1", "5"]]);
  assert.match(card.lines.join(), /own seat is taken/);
  assert.deepEqual(left(), [12]);
});

test("before the release a ticket needs none, and a slip waits", async () => {
  store.set({ screenings: new Map([["s08", { ...SCREENING, released_at: null }]]) });
  assert.equal((await take(SLIPS[0])).reason, "needs_reservation");
  const card = await take(TICKET);
  assert.deepEqual([card.reason, card.big.map(({ text }) => text)], ["ok", ["12", "10"]]);
  assert.deepEqual(left(), [11, 12]);
});

test("a number that is not called waits, and the place in hand goes back", async () => {
  store.set({ screenings: new Map([["s08", { ...SCREENING, called: 1 }]]) });
  const card = await take(SLIPS[1]);
  assert.deepEqual([card.reason, card.lines], ["needs_reservation", ["Slip number 2", "Called up to 1. Please wait"]]);
  assert.deepEqual(left(), [11, 12]);
});

test("everybody in on all places: the phone says full", async () => {
  await parts.rush.learn({ ...line({ leases: [], free: 0, leased: 0, taken: 6 }), slips: await slipColumns() });
  assert.equal((await take(SLIPS[0])).reason, "full");
});

test("what is spent stays spent: after a restart, and at the same door again", async () => {
  await take(SLIPS[0]);
  await startPhone();
  assert.deepEqual(left(), [12]);
  await parts.rush.forget();
  assert.deepEqual(left(), []);
  await parts.rush.learn({ ...line(), slips: await slipColumns() });
  assert.deepEqual(left(), [12]);
  await parts.rush.learn({ ...line({ leases: [SEATS[1]] }), slips: await slipColumns() });
  await parts.rush.learn({ ...line(), slips: await slipColumns() });
  assert.deepEqual(left(), [11, 12]);
});

test("a green that is taken back gives its place back", async () => {
  await take(SLIPS[0]);
  parts.desk.undo();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(left(), [11, 12]);
  assert.deepEqual(named().at(-1), ["refuse", 11]);
  assert.equal((await take(SLIPS[0])).reason, "ok");
});

test("the ask names a place; the answer says which one it is", async () => {
  store.set({ online: true });
  server.answer = { verdict: "admit", reason: "ok", place: 11, slip: 1, ticket: { ticket: "x", place: "A", row: "1", number: "5" } };
  await take(SLIPS[0]);
  assert.equal(server.scans[0].place, 11);
  assert.deepEqual(left(), [12]);
  server.answer = { ...server.answer, place: 77, slip: 2 };
  await take(SLIPS[1]);
  assert.equal(server.scans[1].place, 12);
  assert.deepEqual(left(), [12]);
  assert.equal(store.state.last.scan.place, 77);
  server.answer = { verdict: "refuse", reason: "already_in", slip: 3 };
  await take(SLIPS[2]);
  assert.deepEqual(left(), [12]);
});
