// When a new version of the page is offered, and what taking it does.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Clock } from "../../scanner/src/clock.js";
import { Store } from "../../scanner/src/store.js";
import { LULL_MS, Updates } from "../../scanner/src/updates.js";

const OPEN = Date.parse("2024-11-25T14:00:00Z");
const MINUTE = 60_000;
let phone, app, container, registration, reloads, said, updates;

class Version extends EventTarget {
  constructor(state) {
    super();
    this.state = state;
  }

  postMessage(message) {
    said.push(message);
    container.dispatchEvent(new Event("controllerchange"));
  }
}

beforeEach(async () => {
  phone = OPEN;
  [reloads, said] = [0, []];
  registration = Object.assign(new EventTarget(), { active: new Version("activated"), waiting: null, installing: null });
  registration.update = async () => registration;
  container = Object.assign(new EventTarget(), { controller: {}, register: async () => registration });
  const store = new Store({ language: "en", device: null, choice: { screening: "s08", hall: "a", gate: "A" } });
  const at = (minutes) => new Date(OPEN + minutes * MINUTE).toISOString();
  store.set({ screenings: new Map([["s08", { hall: "a", doors_open: at(0), doors_close: at(60) }]]) });
  app = { store, clock: new Clock(() => phone, () => phone), log: { written: async () => {} }, atRest: true, render() {} };
  updates = new Updates(app, container, () => (reloads += 1));
  await updates.whenDue();
});

test("nothing is offered without a new version, nor when the first one is on its way", () => {
  phone += LULL_MS;
  assert.equal(updates.offered, false);
  registration.active = null;
  registration.waiting = new Version("installed");
  assert.equal(updates.offered, false);
  assert.equal(updates.opensOffline, false);
});

test("while the doors are open it waits for a lull", () => {
  registration.waiting = new Version("installed");
  assert.equal(updates.offered, false); // the page has just been opened
  phone += LULL_MS;
  assert.equal(updates.offered, true);
  app.store.set({ checking: true });
  app.store.set({ checking: false });
  phone += LULL_MS - 1;
  assert.equal(updates.offered, false);
  phone += 1;
  assert.equal(updates.offered, true);
  app.atRest = false;
  assert.equal(updates.offered, false);
});

test("before the doors open, after they close and where none is chosen it is offered at once", () => {
  registration.waiting = new Version("installed");
  phone = OPEN - 1;
  app.store.set({ checking: true });
  app.store.set({ checking: false });
  assert.equal(updates.offered, true);
  phone = OPEN + 60 * MINUTE;
  app.store.set({ checking: true });
  app.store.set({ checking: false });
  assert.equal(updates.offered, true);
  app.store.set({ screenings: new Map() }); // an unknown one may be going on
  assert.equal(updates.offered, false);
  app.store.set({ choice: null });
  assert.equal(updates.offered, true);
});

test("taking it waits for the log, then tells the waiting version, then loads the page once", async () => {
  registration.waiting = new Version("installed");
  let written;
  app.log.written = () => new Promise((resolve) => (written = resolve));
  const taken = updates.take();
  await Promise.resolve();
  assert.deepEqual([said, reloads, updates.leaving], [[], 0, true]);
  written();
  await taken;
  assert.deepEqual([said, reloads], [["take over"], 1]);
});

test("a card that asks for a newer version gets the one that the server has", async () => {
  registration.update = async () => {
    registration.installing = new Version("installing");
    setImmediate(() => {
      [registration.waiting, registration.installing] = [registration.installing, null];
      registration.waiting.dispatchEvent(new Event("statechange"));
    });
  };
  await updates.take();
  assert.deepEqual([said, reloads], [["take over"], 1]);
});

test("a server that does not answer does not keep the page from being loaded", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  registration.update = () => new Promise(() => {});
  const taken = updates.take();
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(8_000);
  await taken;
  assert.deepEqual([said, reloads], [[], 1]);
  mock.timers.reset();
});

test("a first version that did not come whole is registered anew, a later one only looked for", async () => {
  const asked = [];
  registration.active = null;
  registration.update = async () => asked.push("update");
  container.register = async () => (asked.push("register"), registration);
  const first = new Updates(app, container, () => {});
  await first.whenDue();
  phone += MINUTE;
  await first.whenDue();
  registration.active = new Version("activated");
  phone += MINUTE;
  await first.whenDue();
  phone += MINUTE;
  await first.whenDue();
  assert.deepEqual(asked, ["register", "register", "update"]);
});

test("a browser that refuses the worker is asked again, one that has none is not", async () => {
  let asked = 0;
  const refusing = { register: async () => Promise.reject(new Error(`${(asked += 1)}`)) };
  const without = new Updates(app, undefined, () => {});
  await without.whenDue();
  const later = new Updates(app, refusing, () => {});
  await later.whenDue();
  await later.whenDue();
  assert.equal(asked, 1);
  phone += MINUTE;
  await later.whenDue();
  assert.equal(asked, 2);
  assert.deepEqual([later.opensOffline, later.offered, without.offered], [false, false, false]);
});

test("a page that came past its worker looks at once for the server's version, one that came from it later", async () => {
  let looks = 0;
  registration.update = async () => void (looks += 1);
  await new Updates(app, container, () => undefined).whenDue();
  assert.equal(looks, 0);
  container.controller = null;
  await new Updates(app, container, () => undefined).whenDue();
  assert.equal(looks, 1);
  registration.active = null; // the first version is on its way
  await new Updates(app, container, () => undefined).whenDue();
  assert.equal(looks, 1);
});
