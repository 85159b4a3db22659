// Keeping up with the server, and giving up on it in time.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { NoAnswer, sendScans } from "../../scanner/src/api.js";
import { Book } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { Log } from "../../scanner/src/log.js";
import { Rush } from "../../scanner/src/rush.js";
import { Store } from "../../scanner/src/store.js";
import { Syncing } from "../../scanner/src/sync.js";
import { MemoryKeeper } from "./keeper.mjs";

const realFetch = globalThis.fetch;
let phone, asked, answer, store, syncing, keeper;

beforeEach(() => {
  phone = { now: Date.parse("2024-11-25T14:00:00Z") };
  asked = [];
  answer = () => snapshot(true, [{ code: "s08", hall: "a" }, { code: "s09", hall: "b" }]);
  globalThis.fetch = async (path) => {
    asked.push(path);
    return answer();
  };
  store = new Store({ language: "en", device: { device: "d", token: "t", venue: null, name: "n" }, choice: null });
  keeper = new MemoryKeeper();
  syncing = newSyncing();
});
afterEach(() => {
  globalThis.fetch = realFetch;
  mock.timers.reset();
});

function newSyncing() {
  const book = new Book();
  const clock = new Clock(() => phone.now, () => phone.ticks ?? phone.now);
  return new Syncing({ store, clock, book, keeper, log: new Log(keeper, clock), rush: new Rush({ keeper, book }) });
}

const TICKETS = { hash: "", screenings: [], screening: [], row: [], number: [], areas: [], area: [], card: [], state: [], revision: [], serial: [] };
const ADMISSIONS = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };

function snapshot(full, screenings, more = {}) {
  const body = {
    cursor: "e.1", server_time: "2024-11-25T14:03:00Z", full, all_screenings: full, festival: { time_zone: "Asia/Almaty" }, halls: [], keys: [],
    screenings, occupancy: {}, tickets: TICKETS, admissions: ADMISSIONS, ...more,
  };
  return new Response(JSON.stringify(body));
}

test("a snapshot is taken whole, then only what has changed", async () => {
  await syncing.now();
  assert.equal(store.state.minutesOff, 3);
  answer = () => snapshot(false, [{ code: "s09", hall: "c" }]);
  await syncing.now();
  assert.deepEqual(asked, ["/api/v1/door/sync?unsent=0", "/api/v1/door/sync?unsent=0&cursor=e.1"]);
  assert.deepEqual([...store.state.screenings.values()].map(({ hall }) => hall), ["a", "c"]);
  answer = () => snapshot(true, [{ code: "s10", hall: "d" }]);
  await syncing.now();
  assert.deepEqual([...store.state.screenings.keys()], ["s10"]);
});

test("what has changed is asked for every eight seconds", async () => {
  await syncing.whenDue();
  phone.now += 7_999;
  await syncing.whenDue();
  assert.equal(asked.length, 1);
  phone.now += 1;
  await syncing.whenDue();
  assert.equal(asked.length, 2);
});

test("counts follow, and a festival that is not told again stays", async () => {
  await syncing.now();
  answer = () => snapshot(false, [], { festival: null, occupancy: { s08: 7, gone: 1 } });
  await syncing.now();
  assert.equal(store.state.festival.time_zone, "Asia/Almaty");
  assert.equal(store.state.screenings.get("s08").admitted, 7);
  assert.equal(store.state.screenings.has("gone"), false);
});

test("every ten minutes the server compares digests", async () => {
  await syncing.now();
  answer = () => snapshot(false, []);
  await syncing.now();
  phone.now += 600_000;
  await syncing.now();
  await syncing.now();
  assert.deepEqual(asked.map((path) => path.includes("digest=")), [false, false, true, false]);
});

test("a start without a network knows what an earlier visit knew", async () => {
  await syncing.now();
  store.set({ festival: null, halls: new Map(), screenings: new Map() });
  answer = () => {
    throw new TypeError("no network");
  };
  syncing = newSyncing();
  await syncing.restore();
  assert.deepEqual([...store.state.screenings.keys()], ["s08", "s09"]);
  assert.equal(syncing.book.cursor, "e.1");
  assert.equal(syncing.clock.minutesOff, 3);
});

test("a refused token is a revoked phone, anything else no network", async () => {
  answer = () => new Response("{}", { status: 401 });
  await syncing.now();
  assert.deepEqual([store.state.revoked, store.state.online], [true, true]);
  answer = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  await syncing.now();
  assert.equal(store.state.online, false);
});

test("a scan waits a second and a half for its answer, and no longer", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let aborted = false;
  globalThis.fetch = (path, { signal }) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  const sent = assert.rejects(sendScans("t", [], "2024-11-25T14:00:00Z"), NoAnswer);
  mock.timers.tick(1_499);
  assert.equal(aborted, false);
  mock.timers.tick(1);
  await sent;
  assert.equal(aborted, true);
});

test("an answer that is not JSON is no answer", async () => {
  globalThis.fetch = async () => new Response("<!doctype html>");
  await assert.rejects(sendScans("t", [], "2024-11-25T14:00:00Z"), NoAnswer);
});

test("a release is on the disk before the phone says that it knows of it", async () => {
  await syncing.now();
  const released = { code: "s08", hall: "a", released_at: "2024-11-25T14:00:00Z", called: 0, doors_close: "2024-11-25T15:00:00Z" };
  answer = () => snapshot(false, [released]);
  phone.now += 8_000;
  await syncing.now();
  assert.doesNotMatch(asked.at(-1), /settled/);
  const kept = new Map(keeper.kept.get("programme").screenings);
  assert.equal(kept.get("s08").released_at, released.released_at);
  answer = () => snapshot(false, []);
  await syncing.now();
  assert.match(asked.at(-1), /settled=s08/);
  phone.now += 3_600_000;
  await syncing.now();
  assert.doesNotMatch(asked.at(-1), /settled/);
});

test("a clock that is set back by an hour does not keep the phone from syncing", async () => {
  phone.ticks = 0;
  await syncing.whenDue();
  phone.now -= 3_600_000;
  phone.ticks += 8_000;
  await syncing.whenDue();
  assert.equal(asked.length, 2);
});

test("which releases a phone says that it knows of is decided by the server's time", async () => {
  const released = { code: "s08", hall: "a", released_at: "2024-11-25T13:50:00Z", doors_close: "2024-11-25T14:02:00Z" };
  answer = () => snapshot(true, [released]);
  phone.now = Date.parse("2024-11-25T13:40:00Z"); // the server says 14:03
  await syncing.now();
  await syncing.now();
  assert.doesNotMatch(asked[1], /settled/);
});
