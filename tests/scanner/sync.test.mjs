// Keeping up with the server, and giving up on it in time.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { NoAnswer, sendScans } from "../../scanner/src/api.js";
import { Clock } from "../../scanner/src/clock.js";
import { Store } from "../../scanner/src/store.js";
import { Syncing } from "../../scanner/src/sync.js";

const realFetch = globalThis.fetch;
let phone, asked, answer, store, syncing;

beforeEach(() => {
  phone = { now: Date.parse("2024-11-25T14:00:00Z") };
  asked = [];
  answer = () => snapshot(true, [{ code: "s08", hall: "a" }, { code: "s09", hall: "b" }]);
  globalThis.fetch = async (path) => {
    asked.push(path);
    return answer();
  };
  store = new Store({ language: "en", device: { device: "d", token: "t", venue: null, name: "n" }, choice: null });
  syncing = new Syncing(store, new Clock(() => phone.now));
});
afterEach(() => {
  globalThis.fetch = realFetch;
  mock.timers.reset();
});

function snapshot(full, screenings) {
  const body = { cursor: "e.1", server_time: "2024-11-25T14:03:00Z", full, festival: { time_zone: "Asia/Almaty" }, halls: [], screenings };
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

test("a whole snapshot is asked for less often than a delta", async () => {
  await syncing.whenDue();
  phone.now += 59_000;
  await syncing.whenDue();
  assert.equal(asked.length, 1);
  answer = () => snapshot(false, []);
  phone.now += 1_000;
  await syncing.whenDue();
  phone.now += 10_000;
  await syncing.whenDue();
  assert.equal(asked.length, 3);
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
