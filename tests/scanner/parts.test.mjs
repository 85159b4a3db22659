// The small parts: clock, sightings, identifiers, dates, programme, memory, wedge, drawing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Clock } from "../../scanner/src/clock.js";
import { Memory } from "../../scanner/src/memory.js";
import { daysAhead, nextInHall } from "../../scanner/src/programme.js";
import { OVERLOOK_MS, Sightings } from "../../scanner/src/sightings.js";
import { soon } from "../../scanner/src/soon.js";
import { Calendar } from "../../scanner/src/times.js";
import { uuid7 } from "../../scanner/src/uuid.js";
import { Wedge } from "../../scanner/src/wedge.js";
import { Speech } from "../../scanner/src/words/index.js";

const AT = Date.parse("2024-11-25T14:30:00Z");
const MINUTE = 60_000;

test("the clock learns the server's time from the middle of the request", () => {
  let now = AT + 1_000;
  const clock = new Clock(() => now, () => now);
  clock.learn(new Date(AT + 10 * MINUTE + 500).toISOString(), AT);
  assert.equal(clock.offset, 10 * MINUTE);
  assert.equal(clock.minutesOff, 10);
  now = AT + 2_000;
  assert.equal(clock.now(), AT + 10 * MINUTE + 2_000);
  // The server adds the skew itself, so the scan carries the phone's own time.
  assert.equal(clock.stamp(), new Date(AT + 2_000).toISOString());
});

test("the training clock starts when the doors open and runs on, also on a phone that is slow", () => {
  let now = AT;
  const clock = new Clock(() => now, () => now);
  clock.learn(new Date(AT + 7 * MINUTE).toISOString(), AT);
  const doorsOpen = Date.parse("2024-12-02T14:00:00Z");
  clock.train(doorsOpen);
  now += 3 * MINUTE;
  assert.equal(clock.now(), doorsOpen + 3 * MINUTE);
  assert.equal(Date.parse(clock.stamp()) + 7 * MINUTE, doorsOpen + 3 * MINUTE);
});

test("the camera loop overlooks a code for eight seconds, and only that one", () => {
  const sightings = new Sightings();
  assert.equal(sightings.isNew("a", 0), true);
  assert.equal(sightings.isNew("a", OVERLOOK_MS - 1), false);
  assert.equal(sightings.isNew("b", OVERLOOK_MS - 1), true);
  assert.equal(sightings.isNew("a", OVERLOOK_MS), true);
  sightings.forget();
  assert.equal(sightings.isNew("a", OVERLOOK_MS + 1), true);
});

test("identifiers are UUIDv7 and sort by time", () => {
  const random = new Uint8Array(10).fill(0xff);
  // RFC 9562, appendix A.6: the same milliseconds.
  assert.equal(uuid7(0x017f22e279b0, random), "017f22e2-79b0-7fff-bfff-ffffffffffff");
  assert.equal(uuid7(0x017f22e279b0, new Uint8Array(10)), "017f22e2-79b0-7000-8000-000000000000");
  assert.ok(uuid7(AT, random) < uuid7(AT + 1, new Uint8Array(10)));
});

test("times and dates are those of the festival's place, in each language", () => {
  const calendar = new Calendar("Asia/Almaty");
  const late = Date.parse("2024-11-24T19:05:00Z");
  assert.equal(calendar.time(late), "00:05");
  assert.equal(calendar.day(late), "2024-11-25");
  const dated = (language) => calendar.weekdayAndDate(late, new Speech(language));
  assert.equal(dated("kk"), "25\u00a0қараша, дүйсенбі");
  assert.equal(dated("ru"), "понедельник, 25\u00a0ноября");
  assert.equal(dated("en"), "Monday, 25\u00a0November");
});

test("the choice is of the venue's screenings that have not ended, by day, soonest first", () => {
  const screening = (code, hours, venue = "esentai") => ({
    code, venue, hall: code,
    starts_at: new Date(AT + hours * 60 * MINUTE).toISOString(),
    ends_at: new Date(AT + (hours + 2) * 60 * MINUTE).toISOString(),
  });
  const all = [screening("late", 30), screening("over", -2), screening("on", -1), screening("next", 1), screening("far", 1, "arman")];
  const codes = (venue) =>
    daysAhead(all, venue, AT, new Calendar("Asia/Almaty")).map(({ day, screenings }) => [day, ...screenings.map(({ code }) => code)]);
  assert.deepEqual(codes("esentai"), [["2024-11-25", "on", "next"], ["2024-11-27", "late"]]);
  assert.deepEqual(codes(null)[0], ["2024-11-25", "on", "far", "next"]);
});

test("illegible memory is no memory, and a full one is told", () => {
  let told = 0;
  const full = () => {
    throw new Error("QuotaExceededError");
  };
  const memory = new Memory({ getItem: () => "{", setItem: full }, () => (told += 1));
  assert.equal(memory.read("device"), undefined);
  memory.write("device", {});
  assert.equal(told, 1);
});

test("a scanner that types is told from fingers by its speed", () => {
  const codes = [];
  const wedge = new Wedge((code) => codes.push(code));
  let held = 0;
  const type = (text, gap) => {
    let timeStamp = 1_000;
    for (const key of [...text, "Enter"]) {
      wedge.key({ key, timeStamp: (timeStamp += gap), preventDefault: () => (held += 1), stopPropagation() {} });
    }
  };
  type("K1AAAQEAYEAU", 10);
  type("K1BLUETOOTHS", 120);
  type("K1AAAQEAYEAU", 200);
  type("abc", 10);
  assert.deepEqual(codes, ["K1AAAQEAYEAU", "K1BLUETOOTHS"]);
  assert.equal(held, 2);
});

test("a blank in a code that is typed by a scanner presses no button; a hand's own does", () => {
  const codes = [];
  const wedge = new Wedge((code) => codes.push(code));
  const held = [];
  let timeStamp = 0;
  const press = (key, gap) => wedge.key({ key, timeStamp: (timeStamp += gap), preventDefault: () => held.push(key), stopPropagation() {} });
  for (const key of ["K", "2", " ", "A", " ", "B", "C", "D", "E", "Enter"]) press(key, 10);
  assert.deepEqual(codes, ["K2 A BCDE"]);
  assert.deepEqual(held, [" ", " ", "Enter"]);
  press(" ", 500);
  assert.equal(held.length, 3);
});

test("the next screening of the hall is offered when its doors are open", () => {
  const at = (minutes) => new Date(AT + minutes * MINUTE).toISOString();
  const screening = (code, starts, more = {}) => ({
    code, hall: "a", status: "on_sale", starts_at: at(starts), doors_open: at(starts - 30), doors_close: at(starts + 15), ...more,
  });
  const chosen = screening("now", 0);
  const all = [
    chosen, screening("before", -120), screening("elsewhere", 120, { hall: "b" }), screening("off", 115, { status: "cancelled" }),
    screening("next", 120), screening("later", 240),
  ];
  const offered = (minutes) => nextInHall(all, chosen, "a", AT + minutes * MINUTE)?.code ?? null;
  assert.deepEqual([0, 89, 90, 134, 135, 210].map(offered), [null, null, "next", "next", null, "later"]);
});

test("what is asked for again and again is done once, after all promises of the moment", async () => {
  let state = 0;
  const seen = [];
  const draw = soon(() => seen.push(state));
  const later = () => new Promise((resolve) => setTimeout(resolve, 20));
  for (state = 1; state < 5; state += 1) {
    draw();
    await null;
  }
  assert.deepEqual(seen, []);
  await later();
  assert.deepEqual(seen, [5]);
  draw();
  await later();
  assert.deepEqual(seen, [5, 5]);
});

test("what is asked for while it is being done is done again", async () => {
  let times = 0;
  const again = soon(() => (times += 1) < 3 && again());
  again();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(times, 3);
});
