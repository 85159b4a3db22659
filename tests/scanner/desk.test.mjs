// From a code to a card and from a decision to a statement, against a server that can fail.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { PATIENCE_MS, UNDO_MS } from "../../scanner/src/desk.js";
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
const realFetch = globalThis.fetch;
let server, phone, signals, keeper, store, desk, parts;

/** A door that answers each scan with `answer`, as the server does; a final is stored and echoed. */
function fakeServer() {
  const door = { answer: { verdict: "admit", reason: "ok" }, down: false, status: 200, batches: [] };
  door.fetch = async (path, { body, headers }) => {
    assert.equal(path, "/api/v1/door/scans");
    assert.equal(headers.Authorization, "Bearer secret");
    if (door.down) throw new TypeError("no network");
    const { scans, sent_at: sentAt } = JSON.parse(body);
    assert.ok(Date.parse(sentAt));
    if (door.status !== 200) return new Response(JSON.stringify({ code: "x" }), { status: door.status });
    door.batches.push(scans);
    const results = scans.map(({ id, verdict, reason }) => ({
      id,
      ...(verdict ? { verdict, reason } : door.answer),
      occupancy: { admitted: 143, capacity: 346 },
    }));
    return new Response(JSON.stringify({ results: door.lost ? [] : results }));
  };
  return door;
}

async function makeDesk() {
  const clock = new Clock(() => phone.now, () => phone.now);
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
  parts = makeParts({ store, clock, keeper, scene, signal: (tone) => signals.push(tone) });
  desk = parts.desk;
  await parts.log.load();
}

/** Lets the phone know tickets, as a sync does. */
async function syncs(known = {}) {
  const hash = Buffer.from((await keyOf(CODE)), "hex").toString("base64");
  const empty = { devices: [], ticket: [], at: [], gate: [], device: [], inside: [], left: [] };
  const tickets = {
    hash, screenings: ["s08"], screening: [0], row: ["12"], number: ["10"], areas: ["Центр"], area: [0], card: [known.card ?? ""],
    state: [known.state ?? "valid"], revision: [1], serial: [7],
  };
  parts.book.apply({ cursor: "c", full: true, tickets, admissions: known.admissions ?? empty });
  parts.log.tell(parts.book, "d");
  store.set({ syncedAt: phone.now });
}

beforeEach(async () => {
  keeper = new MemoryKeeper();
  phone = { now: Date.parse("2024-11-25T14:12:00Z") };
  signals = [];
  server = fakeServer();
  globalThis.fetch = server.fetch;
  await makeDesk();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

async function settled() {
  do await new Promise((resolve) => setTimeout(resolve, 10));
  while (store.state.checking);
}
async function take(text = CODE) {
  const taken = desk.take(text);
  await settled();
  return taken;
}

test("a code is sent once, in its canonical spelling, and its answer is shown", async () => {
  assert.equal(await take("k1aa aqea-yeau daoc ajbi fqyd iob4"), true);
  const [[scan]] = server.batches;
  assert.match(scan.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual({ ...scan, id: "", monotonic: 0 }, {
    id: "", code: CODE, screening: "s08", hall: "esentai-1", at: "2024-11-25T14:12:00.000Z", seq: 1, offline: false, direction: "in",
    gate: "B", monotonic: 0, cursor: null, prev: "",
  });
  assert.equal(store.state.card.tone, "ok");
  assert.deepEqual(signals, ["ok"]);
  assert.equal(store.screening.admitted, 143);
  assert.equal(store.state.last.scan.id, scan.id);
});

test("what is no ticket's code is never sent", async () => {
  assert.equal(await take("https://example.kz"), false);
  assert.deepEqual(server.batches, []);
});

test("no answer is never green; the same scan is sent again", async () => {
  server.down = true;
  await take();
  assert.equal(store.state.card.tone, "att");
  assert.equal(store.state.online, false);
  assert.equal(store.state.last, null);
  assert.equal(desk.free, false);
  server.down = false;
  desk.act("retry");
  await settled();
  assert.equal(store.state.card.tone, "ok");
  assert.equal(store.state.online, true);
  assert.equal(server.batches[0][0].seq, 1);
});

test("an answer that leaves out the scan is no answer", async () => {
  server.lost = true;
  await take();
  assert.equal(store.state.card.reason, "no_answer");
});

test("a server's failure is no answer", async () => {
  server.status = 503;
  await take();
  assert.equal(store.state.card.reason, "no_answer");
});

test("a scan given up unanswered is stated as refused, before the next ask and after a restart", async () => {
  server.down = true;
  await take();
  desk.act("next");
  await settled();
  assert.deepEqual([parts.log.size, store.state.unsent], [2, 1]); // two entries of one scan
  await makeDesk();
  server.down = false;
  await take();
  const [[lost, final, ask]] = server.batches;
  assert.deepEqual([lost.id, lost.verdict, lost.seq], [final.id, undefined, 1]);
  assert.deepEqual([final.verdict, final.reason, final.seq], ["refuse", "stale", 2]);
  assert.deepEqual([ask.verdict, ask.seq], [undefined, 3]);
  assert.equal(store.state.unsent, 0);
  await take();
  assert.equal(server.batches[1].length, 1);
});

test("a final that the server did not answer for stays on the phone", async () => {
  server.down = true;
  await take();
  desk.act("next");
  await settled();
  server.down = false;
  server.lost = true;
  await parts.register.flush();
  assert.deepEqual([parts.log.size, store.state.unsent], [2, 1]); // two entries of one scan
  server.lost = false;
  await parts.register.flush();
  assert.equal(store.state.unsent, 0);
});

test("undo states a refusal of the same scan, once, within half a minute", async () => {
  await take();
  const { id } = store.state.last.scan;
  phone.now += UNDO_MS;
  desk.undo();
  desk.undo();
  await settled();
  assert.deepEqual(server.batches.slice(1).map(([final]) => [final.id, final.verdict, final.reason]), [[id, "refuse", "undo"]]);
  assert.equal(store.state.last.undone, true);
});

test("undo comes too late after half a minute", async () => {
  await take();
  phone.now += UNDO_MS + 1;
  desk.undo();
  await settled();
  assert.equal(server.batches.length, 1);
});

test("a card to check waits for the usher: seen", async () => {
  server.answer = { verdict: "admit", reason: "ok_attention", attention: ["student"] };
  await take();
  assert.equal(desk.free, false);
  await take();
  assert.equal(server.batches.length, 1);
  assert.equal(store.state.last, null);
  desk.act("card_seen");
  await settled();
  assert.ok(store.state.last);
  assert.equal(store.state.card, null);
  assert.equal(server.batches.length, 1);
});

test("a card to check waits for the usher: no card", async () => {
  server.answer = { verdict: "admit", reason: "ok_attention", attention: ["student"] };
  await take();
  desk.act("no_card");
  await settled();
  const [ask, final] = server.batches.flat();
  assert.deepEqual([final.id, final.verdict, final.reason], [ask.id, "refuse", "ok_attention"]);
  assert.equal(store.state.last, null);
});

test("a refusal is over with its card and states nothing", async () => {
  server.answer = { verdict: "refuse", reason: "refunded" };
  await take();
  assert.deepEqual(signals, ["no"]);
  desk.act("next");
  await settled();
  assert.equal(server.batches.length, 1);
  assert.equal(store.state.last, null);
});

test("the way out cannot be undone as if it were an admission", async () => {
  store.set({ direction: "out" });
  server.answer = { verdict: "admit", reason: "exit" };
  await take();
  assert.equal(server.batches[0][0].direction, "out");
  assert.equal(store.state.last, null);
});

test("a revoked phone says so and shows no card", async () => {
  server.status = 401;
  await take();
  assert.equal(store.state.revoked, true);
  assert.equal(store.state.card, null);
  assert.equal(store.state.checking, false);
});

// Without the server: the phone decides from what it last synced, and its log is first.

test("without a network a known ticket is green once it is in the log", async () => {
  await syncs();
  server.down = true;
  let onDisk = -1;
  const lay = parts.desk.parts.signal;
  parts.desk.parts.signal = (tone) => {
    onDisk = keeper.records.filter(({ entry }) => entry.verdict === "admit").length;
    lay(tone);
  };
  await take();
  assert.equal(store.state.card.tone, "ok");
  assert.deepEqual(store.state.card.big.map(({ text }) => text), ["12", "10"]);
  assert.equal(onDisk, 1);
  assert.equal(store.state.online, false);
  assert.equal(store.screening.admitted, 143);
  const [ask, final] = keeper.records.map(({ entry }) => entry);
  assert.deepEqual([ask.id, ask.verdict], [final.id, undefined]);
  assert.deepEqual([final.verdict, final.reason, final.offline], ["admit", "ok", true]);
  desk.act("next");
  await take();
  assert.equal(store.state.card.reason, "already_in");
  assert.equal(store.screening.admitted, 143);
});

test("what was decided alone is sent when the network is back, in the log's order", async () => {
  await syncs();
  server.down = true;
  await take();
  desk.act("next");
  await take();
  desk.act("next");
  server.down = false;
  await parts.register.flush();
  const [sent] = server.batches;
  assert.deepEqual(sent.map(({ seq, verdict, reason }) => [seq, verdict, reason]), [
    [1, undefined, undefined], [2, "admit", "ok"], [3, "refuse", "already_in"],
  ]);
  assert.equal(store.state.unsent, 0);
  assert.deepEqual(keeper.records, []);
});

test("an offline admission is taken back offline, and the ticket is good again", async () => {
  await syncs();
  server.down = true;
  await take();
  desk.act("next");
  desk.undo();
  await settled();
  assert.equal(store.screening.admitted, 142);
  await take();
  assert.equal(store.state.card.tone, "ok");
  assert.deepEqual(keeper.records.map(({ entry }) => entry.reason), [undefined, "ok", "undo", "ok"]);
});

test("offline, a card to check lets in only when it was seen", async () => {
  await syncs({ card: "student" });
  server.down = true;
  await take();
  assert.equal(store.state.card.reason, "ok_attention");
  desk.act("no_card");
  await settled();
  assert.equal(store.screening.admitted, 142);
  await take();
  desk.act("card_seen");
  await settled();
  assert.equal(store.screening.admitted, 143);
  assert.deepEqual(keeper.records.slice(1).map(({ entry }) => entry.verdict), ["refuse", "admit"]);
});

test("offline out and in again", async () => {
  await syncs();
  server.down = true;
  const reasons = [];
  for (const direction of ["in", "out", "in"]) {
    store.set({ direction });
    phone.now += 60_000;
    await take();
    reasons.push(store.state.card.reason);
    desk.act("next");
  }
  assert.deepEqual(reasons, ["ok", "exit", "reentry"]);
  assert.equal(store.screening.admitted, 143);
});

test("a code that the phone does not know is unknown while its data is fresh, else it is not the guest's fault", async () => {
  await syncs();
  parts.book.clear();
  parts.book.cursor = "c";
  server.down = true;
  await take();
  assert.equal(store.state.card.reason, "unknown");
  desk.act("next");
  phone.now += 60_000;
  await take();
  assert.equal(store.state.card.reason, "stale");
});

test("a server that is slow is not waited for when the phone knows the ticket", async () => {
  await syncs({ state: "refunded" });
  const { fetch } = server;
  globalThis.fetch = async (...call) => {
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS + 100));
    return fetch(...call);
  };
  const begin = Date.now();
  await take();
  assert.ok(Date.now() - begin < PATIENCE_MS + 90);
  assert.equal(store.state.card.reason, "refunded");
  assert.equal(store.state.online, true);
  await new Promise((resolve) => setTimeout(resolve, 2 * PATIENCE_MS));
});

test("with more waiting than goes into one batch the phone decides alone", async () => {
  await syncs();
  for (let i = 0; i < 200; i++) await parts.log.append({ id: `x${i}`, code: CODE, at: "2024-11-25T14:00:00Z" }, "other");
  await take();
  assert.equal(server.batches.flat().some(({ code, verdict }) => code === CODE && verdict === "admit"), true);
  assert.equal(store.state.card.tone, "ok");
});

test("a supervisor lets in whom the card refuses, and the log says why", async () => {
  await syncs();
  server.down = true;
  await take();
  desk.act("next");
  await take();
  assert.deepEqual(store.state.card.actions, ["next", "override"]);
  await desk.override("guest");
  assert.equal(store.state.card.tone, "ok");
  const last = keeper.records.at(-1).entry;
  assert.deepEqual([last.verdict, last.reason, last.override], ["admit", "already_in", { reason: "guest" }]);
  assert.equal(last.id, keeper.records.at(-2).entry.id);
  assert.equal(store.screening.admitted, 143);
  desk.undo();
  await settled();
  assert.equal(keeper.records.at(-1).entry.reason, "undo");
  assert.equal(store.screening.admitted, 143); // the first guest is still in
});

test("nobody overrules a ticket that is void", async () => {
  server.answer = { verdict: "refuse", reason: "refunded" };
  await take();
  assert.deepEqual(store.state.card.actions, ["next"]);
  await desk.override("guest");
  assert.equal(store.state.card.tone, "no");
  assert.equal(server.batches.length, 1);
});
