// From a code to a card and from a decision to a statement, against a server that can fail.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { Clock } from "../../scanner/src/clock.js";
import { Desk, UNDO_MS } from "../../scanner/src/desk.js";
import { Memory } from "../../scanner/src/memory.js";
import { Outbox } from "../../scanner/src/outbox.js";
import { Store } from "../../scanner/src/store.js";
import { Calendar } from "../../scanner/src/times.js";
import { Speech } from "../../scanner/src/words/index.js";

const CODE = "K1AAAQEAYEAUDAOCAJBIFQYDIOB4";
const SCREENING = {
  code: "s08", hall: "esentai-1", venue: "esentai", admitted: 142, capacity: 346,
  doors_open: "2024-11-25T19:00:00+05:00", doors_close: "2024-11-25T19:45:00+05:00",
};
const realFetch = globalThis.fetch;
let server, phone, signals, kept, store, desk;

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

function makeDesk() {
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
  const memory = new Memory(storage, () => assert.fail("storage is not full"));
  const clock = new Clock(() => phone.now);
  store = new Store({
    language: "en",
    device: { device: "d", token: "secret", venue: "esentai", name: "Phone 1" },
    choice: { screening: "s08", hall: "esentai-1", gate: "B" },
  });
  store.set({ screenings: new Map([["s08", SCREENING]]) });
  const scene = () => ({
    speech: new Speech("en"), calendar: new Calendar("Asia/Almaty"), now: clock.now(), screening: SCREENING,
    hall: "esentai-1", device: "d", minutesSinceSync: 0,
  });
  desk = new Desk({ store, clock, memory, outbox: new Outbox(memory), scene, signal: (tone) => signals.push(tone) });
}

beforeEach(() => {
  kept = new Map();
  phone = { now: Date.parse("2024-11-25T14:12:00Z") };
  signals = [];
  server = fakeServer();
  globalThis.fetch = server.fetch;
  makeDesk();
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
async function take(text = CODE) {
  const taken = desk.take(text);
  await settled();
  return taken;
}

test("a code is sent once, in its canonical spelling, and its answer is shown", async () => {
  assert.equal(await take("k1aa aqea-yeau daoc ajbi fqyd iob4"), true);
  const [[scan]] = server.batches;
  assert.match(scan.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual({ ...scan, id: "" }, {
    id: "", code: CODE, screening: "s08", hall: "esentai-1", at: "2024-11-25T14:12:00.000Z", seq: 1, offline: false, direction: "in", gate: "B",
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
  assert.equal(store.state.unsent, 1);
  makeDesk();
  server.down = false;
  await take();
  const [[final, ask]] = server.batches;
  assert.deepEqual([final.verdict, final.reason, final.seq], ["refuse", "stale", 1]);
  assert.deepEqual([ask.verdict, ask.seq], [undefined, 2]);
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
  await desk.flush();
  assert.equal(store.state.unsent, 1);
  server.lost = false;
  await desk.flush();
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
