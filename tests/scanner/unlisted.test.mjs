// Signed tickets that were sold after the last sync, on a phone without a network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { makeParts } from "../../scanner/src/parts.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";
import { MemoryKeeper } from "./keeper.mjs";

const { keys, made, others } = JSON.parse(readFileSync(new URL("../vectors/signed.json", import.meta.url), "utf8"));
const [FIRST, STUDENT_AGAIN, ELSEWHERE] = made; // of the screenings numbered 6, 6 and 1; the second is revision 2
const HALL = { code: "h1", venue: "v", name: { en: "Hall 1" }, venue_name: { en: "Venue" } };
const SCREENING = {
  code: "s08", number: 6, hall: "h1", venue: "v", day: "2024-11-25", status: "on_sale", age: null, ends_after_22: false,
  title: { en: "Wind" }, starts_at: "2024-11-25T19:30:00+05:00", transfer_minutes: 0, admitted: 0, capacity: 346,
  doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00",
};
const OTHER = { ...SCREENING, code: "s09", number: 1 };
const NO_ADMISSIONS = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
const realFetch = globalThis.fetch;
let keeper, now, store, parts;

/** A phone that takes up what `keeper` has, and has no network unless a test says what the server answers. */
async function phone() {
  const clock = new Clock(() => now, () => now);
  store = new Store({
    language: "en",
    device: { device: "d", token: "t", venue: null, name: "Phone" },
    choice: { screening: "s08", hall: "h1", gate: "A" },
  });
  store.set({ online: false });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: SCREENING,
    hall: "h1", device: "d", minutesSinceSync: 5,
  });
  parts = makeParts({ store, clock, keeper, scene, signal: () => {} });
  await parts.log.load();
  await parts.syncing.restore();
}

/** Lets the phone sync; it knows copies of tickets by their codes, serials and revisions. */
async function syncs(copies = []) {
  const hashes = await Promise.all(copies.map(({ code }) => keyOf(code)));
  const column = (value) => copies.map(value);
  const tickets = {
    hash: Buffer.from(hashes.join(""), "hex").toString("base64"), screenings: ["s08"], screening: column(() => 0),
    row: column(() => "5"), number: column(() => "7"), areas: [""], area: column(() => 0), card: column(() => ""),
    state: column(({ state }) => state ?? "valid"), revision: column(({ revision }) => revision),
    serial: column(({ serial }, i) => serial - (copies[i - 1]?.serial ?? 0)),
  };
  const answer = {
    cursor: "c", server_time: new Date(now).toISOString(), full: true, all_screenings: true, policy: {}, keys,
    festival: { time_zone: "Asia/Almaty", name: { en: "F" } }, halls: [HALL], screenings: [SCREENING, OTHER], occupancy: {},
    tickets, admissions: NO_ADMISSIONS,
  };
  globalThis.fetch = async () => new Response(JSON.stringify(answer));
  await parts.syncing.now();
  globalThis.fetch = offline;
  store.set({ online: false });
}

async function offline() {
  throw new TypeError("no network");
}

async function scan({ code }) {
  parts.desk.act("next");
  parts.desk.take(code);
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (store.state.checking);
  return store.state.card?.reason;
}

beforeEach(async () => {
  keeper = new MemoryKeeper();
  now = Date.parse("2024-11-25T14:05:00Z");
  globalThis.fetch = offline;
  await phone();
  await syncs();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

test("a ticket that was sold since is let in once, and its log says why", async () => {
  assert.equal(await scan(FIRST), "ok_unlisted");
  assert.equal(store.state.card.tone, "ok");
  assert.deepEqual(store.state.card.big, []);
  assert.deepEqual(store.state.card.lines, ["Sold after the last sync"]);
  assert.deepEqual(parts.log.batch().map(({ verdict, reason, offline: off }) => [verdict, reason, off]), [
    ["admit", "ok_unlisted", true],
  ]);
  assert.equal(await scan(FIRST), "already_in");
});

test("it is remembered when the page is opened anew", async () => {
  await scan(FIRST);
  await phone();
  assert.equal(await scan(FIRST), "already_in");
  assert.equal(await scan(others[0]), "bad_signature");
});

test("after an undo it is let in again, as what it is", async () => {
  await scan(FIRST);
  parts.desk.undo();
  await parts.log.written();
  assert.equal(await scan(FIRST), "ok_unlisted");
});

test("a card that its code asks for is asked for", async () => {
  assert.equal(await scan(STUDENT_AGAIN), "ok_attention");
  assert.deepEqual(store.state.card.actions, ["card_seen", "no_card"]);
  parts.desk.act("card_seen");
  await parts.log.written();
  assert.equal(await scan(STUDENT_AGAIN), "already_in");
});

test("another screening sends the guest on by the number in the code", async () => {
  assert.equal(await scan(ELSEWHERE), "wrong_screening");
  store.set({ screenings: new Map([["s08", SCREENING]]) });
  assert.equal(await scan(ELSEWHERE), "stale");
});

test("the door's window holds for it too", async () => {
  now = Date.parse("2024-11-25T13:00:00Z");
  assert.equal(await scan(FIRST), "too_early");
  now = Date.parse("2024-11-25T15:00:00Z");
  assert.equal(await scan(FIRST), "too_late");
});

test("what no key has signed is refused, and what this phone cannot judge is not the guest's fault", async () => {
  for (const { name, code, standing } of others) assert.equal(await scan({ code }), standing, name);
  store.set({ keys: [] });
  assert.equal(await scan(FIRST), "unknown_key");
});

test("an older copy than the one that is known has ended", async () => {
  await syncs([{ code: STUDENT_AGAIN.code, serial: FIRST.serial, revision: 2 }]);
  assert.equal(await scan(FIRST), "reissued");
  await syncs([{ code: STUDENT_AGAIN.code, serial: FIRST.serial, revision: 1 }]);
  assert.equal(await scan(FIRST), "reissued");
  await syncs([{ code: STUDENT_AGAIN.code, serial: FIRST.serial, revision: 2, state: "refunded" }]);
  assert.equal(await scan(FIRST), "refunded");
});

test("a newer copy is the same ticket, and ends the one that is known", async () => {
  const older = { code: FIRST.code, serial: STUDENT_AGAIN.serial, revision: 1 };
  await syncs([older]);
  assert.equal(await scan(STUDENT_AGAIN), "ok_unlisted");
  assert.deepEqual(store.state.card.big.map(({ text }) => text), ["5", "7"]);
  assert.equal(await scan(FIRST), "reissued");
  await syncs([older]);
  assert.equal(await scan(FIRST), "reissued", "an answer from before the reissue");
  await phone();
  assert.equal(await scan(STUDENT_AGAIN), "already_in");
});

test("whoever is in with the older copy is in", async () => {
  await syncs([{ code: FIRST.code, serial: STUDENT_AGAIN.serial, revision: 1 }]);
  assert.equal(await scan(FIRST), "ok");
  assert.equal(await scan(STUDENT_AGAIN), "already_in");
});

test("whom the server has let in, the phone remembers before the next sync", async () => {
  store.set({ online: true });
  globalThis.fetch = async (_path, { body }) => {
    const results = JSON.parse(body).scans.map(({ id }) => ({ id, verdict: "admit", reason: "ok" }));
    return new Response(JSON.stringify({ results }));
  };
  assert.equal(await scan(FIRST), "ok");
  globalThis.fetch = offline;
  store.set({ online: false });
  assert.equal(await scan(FIRST), "already_in");
});

test("the server's word replaces what the code said", async () => {
  await scan(FIRST);
  await syncs([{ code: FIRST.code, serial: FIRST.serial, revision: 1 }]);
  assert.equal(await scan(FIRST), "already_in");
  parts.desk.undo();
  assert.equal(parts.book.find(await keyOf(FIRST.code)).unlisted, undefined);
  assert.equal(parts.book.size, 1);
});
