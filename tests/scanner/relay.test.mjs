// The desk behind a venue's relay: who is in at other doors while the server is away.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { makeParts } from "../../scanner/src/parts.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";
import { MemoryKeeper } from "./keeper.mjs";

const CODE = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4";
const HALL = { code: "esentai-1", venue: "esentai", name: { en: "Hall 1" }, venue_name: { en: "Esentai" } };
const SCREENING = {
  code: "s08", hall: "esentai-1", venue: "esentai", day: "2024-11-25", status: "on_sale", age: null, ends_after_22: false,
  title: { en: "Wind" }, starts_at: "2024-11-25T19:30:00+05:00", transfer_minutes: 0, admitted: 142, capacity: 346,
  doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00",
};
const NOW = Date.parse("2024-11-25T14:12:00Z");
const OTHER = { at: NOW / 1000 - 180, gate: "A", device: "other", inside: 1, left: null };
const NO_ADMISSIONS = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
const realFetch = globalThis.fetch;
let relay, keeper, store, parts, desk, phone;

/** A relay whose server is away: it answers claims alone. */
function fakeRelay() {
  const here = { admission: null, claims: [], gone: false, status: 200, mark: { "Kassa-Relay": encodeURIComponent("Зал 1") } };
  here.fetch = async (path, { body, signal }) => {
    if (here.gone) throw new TypeError("no network");
    if (path !== "/api/v1/relay/claims") return new Response(JSON.stringify({ code: "uplink_down" }), { status: 503, headers: here.mark });
    if (here.hangs) return new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("aborted"))));
    here.claims.push(JSON.parse(body));
    return new Response(JSON.stringify({ admission: here.admission }), { status: here.status, headers: here.mark });
  };
  return here;
}

beforeEach(async () => {
  phone = { now: NOW };
  keeper = new MemoryKeeper();
  relay = fakeRelay();
  globalThis.fetch = relay.fetch;
  const clock = new Clock(() => phone.now, () => phone.now);
  store = new Store({
    language: "en",
    device: { device: "d", token: "secret", venue: "esentai", name: "Phone 1" },
    choice: { screening: "s08", hall: "esentai-1", gate: "B" },
  });
  store.set({ screenings: new Map([["s08", SCREENING]]), halls: new Map([["esentai-1", HALL]]), syncedAt: NOW });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: SCREENING,
    hall: "esentai-1", device: "d", minutesSinceSync: 0,
  });
  parts = makeParts({ store, clock, keeper, scene, signal: () => {} });
  desk = parts.desk;
  await parts.log.load();
  await knows(NO_ADMISSIONS);
  await parts.syncing.now();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Lets the phone know one ticket, as a sync does. */
async function knows(admissions, state = "valid") {
  const hash = Buffer.from(await keyOf(CODE), "hex").toString("base64");
  const tickets = {
    hash, screenings: ["s08"], screening: [0], row: ["12"], number: ["10"], areas: ["Центр"], area: [0], card: [""],
    state: [state], revision: [1], serial: [7],
  };
  parts.book.apply({ cursor: "c", full: true, tickets, admissions });
}

async function settled() {
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (store.state.checking);
}

async function take() {
  desk.take(CODE);
  await settled();
  return store.state.card.reason;
}

const lastEntry = () => keeper.records.at(-1).entry;

test("a sync that the relay answers alone says that it is there, and that the server is not", () => {
  assert.equal(store.state.online, false);
  assert.equal(store.state.relayed, "Зал 1");
});

test("the relay is asked, and the phone lets in and keeps the entry for the server", async () => {
  assert.equal(await take(), "ok");
  const [{ statements, wanted }] = relay.claims;
  const { id } = lastEntry();
  assert.deepEqual(statements, []);
  assert.deepEqual(wanted, { id, key: await keyOf(CODE), at: "2024-11-25T14:12:00.000Z", gate: "B", held: null });
  assert.deepEqual([lastEntry().verdict, lastEntry().offline, store.state.unsent], ["admit", true, 1]);
});

test("whoever is in at another door is refused, and the log says from where the phone knows", async () => {
  relay.admission = OTHER;
  assert.equal(await take(), "already_in");
  assert.deepEqual([lastEntry().verdict, lastEntry().reason], ["refuse", "relayed"]);
});

test("whoever went out at another door comes in again", async () => {
  await knows({ ...NO_ADMISSIONS, devices: ["other"], ticket: [0], at: [OTHER.at], gate: ["A"], device: [0], inside: [1], left: [null] });
  relay.admission = { ...OTHER, inside: 0, left: OTHER.at + 60 };
  assert.equal(await take(), "reentry");
  assert.deepEqual(relay.claims[0].wanted.held, OTHER);
});

test("what the phone refuses by itself is no question to the relay", async () => {
  await knows(NO_ADMISSIONS, "refunded");
  assert.equal(await take(), "refunded");
  assert.ok(relay.claims.every(({ wanted }) => !wanted));
});

test("an undo is told behind the card, and each statement once", async () => {
  await take();
  await settled();
  desk.undo();
  await settled();
  await parts.register.flush();
  await settled();
  const told = relay.claims.flatMap(({ statements }) => statements.map(({ seq, verdict }) => [seq, verdict]));
  assert.deepEqual(told, [[1, "admit"], [2, "refuse"]]);
});

test("without an answer of the relay the phone decides alone", async () => {
  relay.gone = true;
  assert.equal(await take(), "ok");
  desk.act("next");
  assert.equal(await take(), "already_in");
  assert.equal(lastEntry().reason, "already_in");
});

test("a relay that is back is asked at once, one that hangs after its next answer", async () => {
  relay.gone = true;
  await parts.syncing.now();
  assert.equal(store.state.relayed, "Зал 1");
  relay.gone = false;
  relay.hangs = true;
  assert.equal(await take(), "ok");
  assert.equal(store.state.relayed, "");
  relay.hangs = false;
  await parts.syncing.now();
  assert.equal(store.state.relayed, "Зал 1");
});

test("a relay that does not know the phone is none, and the phone stays paired", async () => {
  relay.status = 401;
  assert.equal(await take(), "ok");
  assert.equal(store.state.revoked, false);
});

test("more statements than fit into one request go before the question", async () => {
  const id = "0192f0c1-0000-7000-8000-000000000000";
  store.set({ relayed: "" });
  for (let n = 0; n < 201; n++) await parts.log.append({ id, verdict: "refuse", at: new Date(NOW).toISOString() }, "00");
  store.set({ relayed: "Зал 1" });
  assert.equal(await take(), "ok");
  assert.deepEqual(relay.claims.map(({ statements, wanted }) => [statements.length, Boolean(wanted)]).slice(0, 2), [[200, false], [1, true]]);
});
