// Tickets that a phone knows, and its log: the shared vectors, and what happens between two syncs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Book, keyOf } from "../../scanner/src/book.js";
import { Clock } from "../../scanner/src/clock.js";
import { Log, entryHash } from "../../scanner/src/log.js";
import { MemoryKeeper } from "./keeper.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}`, import.meta.url), "utf8"));
const sync = read("sync.json");
const [CODE] = Object.keys(sync.codes);
const SCAN = {
  id: "01935d2e-0000-7000-8000-000000000009", code: CODE, screening: "s06", hall: "esentai-1",
  at: "2024-11-25T14:05:00.123Z", offline: true, direction: "in", gate: "B",
};

test("a code is known by the first bytes of its digest", async () => {
  for (const [code, key] of Object.entries(sync.codes)) assert.equal(await keyOf(code), key);
});

test("each answer is followed, and the digest is the server's", async () => {
  const book = new Book();
  for (const { name, answer, tickets, digest } of sync.steps) {
    book.apply(answer);
    assert.deepEqual(Object.fromEntries(book.entries()), tickets, name);
    assert.equal(await book.digest(), digest, name);
    assert.equal(book.cursor, answer.cursor);
  }
});

test("what is kept is taken up again; another form is forgotten", () => {
  const book = new Book();
  for (const { answer } of sync.steps.slice(0, 3)) book.apply(answer);
  const again = new Book();
  again.unpack(book.pack());
  assert.deepEqual([...again.entries()], [...book.entries()]);
  assert.equal(again.cursor, "c3");
  for (const kept of [undefined, 7, JSON.stringify({ form: 0, cursor: "x", tickets: [] }), "{"]) {
    const empty = new Book();
    empty.unpack(kept);
    assert.equal(empty.cursor, null);
  }
});

test("tickets that an earlier version of the page has kept stay, though it knew no serials", () => {
  const kept = { screening: "s06", row: "5", number: "7", area: "", card: "", state: "valid", revision: 1, admission: null };
  const book = new Book();
  book.unpack(JSON.stringify({ form: 1, cursor: "c1", tickets: [["a", kept], ["b", kept]] }));
  assert.deepEqual([book.size, book.cursor, book.find("a").number], [2, "c1", "7"]);
  assert.equal(book.newest(4711), null);
});

test("the entries of a log are chained as the server chains them", async () => {
  for (const { entry, hash } of read("log.json").entries) assert.equal(await entryHash(entry), hash);
});

test("an entry is on the disk before anybody goes on, and the chain survives a restart", async () => {
  const keeper = new MemoryKeeper();
  const log = new Log(keeper, new Clock());
  await log.load();
  const [first, second] = await Promise.all([log.append(SCAN, "k"), log.append({ ...SCAN, verdict: "refuse" }, "k")]);
  assert.deepEqual([first.seq, first.prev, second.seq, second.prev], [1, "", 2, await entryHash(first)]);
  assert.deepEqual(keeper.records.map(({ seq }) => seq), [1, 2]);
  await log.settle([first], new Set([SCAN.id]));
  const again = new Log(keeper, new Clock());
  const third = again.append(SCAN, "k"); // even before it has been loaded
  await again.load();
  assert.equal((await third).seq, 1);
  const late = new Log(keeper, new Clock());
  void late.load();
  assert.equal((await late.append(SCAN, "k")).seq, 2);
});

test("a batch is 200 entries, the oldest first, and there is room for an ask below that", async () => {
  const log = new Log(new MemoryKeeper(), new Clock());
  for (let i = 0; i < 199; i++) await log.append(SCAN, "k");
  assert.equal(log.hasRoom, true);
  for (let i = 0; i < 51; i++) await log.append(SCAN, "k");
  assert.equal(log.hasRoom, false);
  assert.deepEqual(log.batch().map(({ seq }) => seq), Array.from({ length: 200 }, (_, i) => i + 1));
  await log.settle(log.batch(), new Set([SCAN.id]));
  assert.equal(log.size, 50);
  await log.settle(log.batch(), new Set(["another"]));
  assert.equal(log.size, 50);
});

test("an answer that cannot know of an admission does not make the phone forget it", async () => {
  const [{ answer }] = sync.steps;
  const key = sync.codes[Object.keys(sync.codes)[1]];
  const book = new Book();
  const log = new Log(new MemoryKeeper(), new Clock());
  book.apply(answer);
  const entry = await log.append({ ...SCAN, verdict: "admit", reason: "ok" }, key);
  book.apply(answer);
  log.tell(book, "me");
  assert.deepEqual(book.find(key).admission, { at: 1732543500, gate: "B", device: "me", inside: 1, left: null });
  const back = await log.append({ ...SCAN, verdict: "refuse", reason: "undo" }, key, null);
  book.apply(answer);
  log.tell(book, "me");
  assert.equal(book.find(key).admission, null);
  await log.settle([entry, back], new Set([SCAN.id]));
  assert.equal(log.size, 0);
});
