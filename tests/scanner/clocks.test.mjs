// Clocks that are wrong, and clocks that are set while the door is open.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { UNDO_MS } from "../../scanner/src/desk.js";
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
const realFetch = globalThis.fetch;
let server, phone, store, desk, parts;

beforeEach(async () => {
  phone = { now: Date.parse("2024-11-25T14:12:00Z"), ticks: 0 };
  server = { down: false };
  globalThis.fetch = async (_path, { body }) => {
    if (server.down) throw new TypeError("no network");
    const results = JSON.parse(body).scans.map(({ id, verdict = "admit", reason = "ok" }) => ({ id, verdict, reason }));
    return new Response(JSON.stringify({ results }));
  };
  const clock = new Clock(() => phone.now, () => phone.ticks);
  store = new Store({
    language: "en",
    device: { device: "d", token: "secret", venue: "esentai", name: "Phone 1" },
    choice: { screening: "s08", hall: "esentai-1", gate: "B" },
  });
  store.set({ screenings: new Map([["s08", SCREENING]]), halls: new Map([["esentai-1", HALL]]) });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: SCREENING,
    hall: "esentai-1", device: "d", minutesSinceSync: 0,
  });
  parts = makeParts({ store, clock, keeper: new MemoryKeeper(), scene, signal: () => {} });
  desk = parts.desk;
  await parts.log.load();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Lets the phone know one ticket, as a sync does. */
async function syncs() {
  const hash = Buffer.from(await keyOf(CODE), "hex").toString("base64");
  const tickets = {
    hash, screenings: ["s08"], screening: [0], row: ["12"], number: ["10"], areas: ["Центр"], area: [0], card: [""],
    state: ["valid"], revision: [1], serial: [7],
  };
  const admissions = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
  parts.book.apply({ cursor: "c", full: true, tickets, admissions });
  parts.log.tell(parts.book, "d");
  store.set({ syncedAt: phone.now });
}

async function settled() {
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (store.state.checking);
}

async function take() {
  desk.take(CODE);
  await settled();
}

test("a phone whose clock is wrong says by the right one when it let somebody in", async () => {
  const { clock } = parts.register;
  clock.offset = -600_000; // it is ten minutes fast
  await syncs();
  server.down = true;
  await take();
  await take();
  assert.equal(store.state.card.reason, "already_in");
  assert.match(store.state.card.strong, /just now, this phone/i);
  assert.deepEqual(store.state.card.big, [{ text: "19:02" }]);
  await syncs(); // what is told after a sync says the same
  assert.equal(parts.book.find(await keyOf(CODE)).admission.at, Date.parse("2024-11-25T14:02:00Z") / 1000);
});

test("an undo is open for half a minute, whatever the clock is set to meanwhile", async () => {
  await take();
  phone.now += 3_600_000;
  phone.ticks += UNDO_MS;
  desk.undo();
  await settled();
  assert.equal(store.state.last.undone, true);
  desk.act("next");
  await take();
  phone.now -= 3_600_000;
  phone.ticks += UNDO_MS + 1;
  desk.undo();
  await settled();
  assert.equal(store.state.last.undone, false);
});

test("a clock that is set back makes no old snapshot a fresh one", async () => {
  const { clock } = parts.register;
  clock.learn("2024-11-25T14:12:00Z", phone.now);
  parts.book.apply({
    cursor: "c", full: true,
    tickets: { hash: "", screenings: [], screening: [], row: [], number: [], areas: [], area: [], card: [], state: [], revision: [], serial: [] },
    admissions: { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] },
  });
  store.set({ syncedAt: phone.now });
  server.down = true;
  phone.ticks += 120_000;
  phone.now -= 600_000;
  await take();
  assert.equal(store.state.card.reason, "stale");
});
