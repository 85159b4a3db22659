import { App } from "./app.js";
import { byId } from "./dom.js";
import { Keeper } from "./keeper.js";
import { Memory } from "./memory.js";
import { Store } from "./store.js";
import { Wedge } from "./wedge.js";
import { FIRST_LANGUAGE, isLanguage } from "./words/index.js";

const TICK_MS = 5_000;

/** @typedef {import("./types.js").Device} Device */
/** @typedef {import("./types.js").Choice} Choice */

/** The language kept here, else the browser's own if it is one of ours, else the house's first. */
function firstLanguage() {
  const wished = [memory.read("language"), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  return wished.find(isLanguage) ?? FIRST_LANGUAGE;
}

const memory = new Memory(localStorage, () => app.lacksRoom());
const keeper = new Keeper(indexedDB, () => app.lacksRoom());
const invitation = new URLSearchParams(location.hash.slice(1)).get("pair") ?? "";
// The code is good for one phone: it stays neither in the address nor in the history.
if (invitation) history.replaceState(null, "", location.pathname);

const store = new Store({
  language: firstLanguage(),
  device: /** @type {Device | undefined} */ (memory.read("device")) ?? null,
  choice: /** @type {Choice | undefined} */ (memory.read("choice")) ?? null,
});
const app = new App(byId("app"), store, memory, keeper, invitation);
const wedge = new Wedge((code) => {
  if (store.state.card && app.desk.free) app.act("next");
  if (!app.takeTyped(code)) store.set({ hint: "not_a_ticket" });
});

document.documentElement.lang = store.state.language;
app.render();
// A scan before that would begin the log anew, and its chain would break.
await app.restore();
if (store.state.device) app.refresh();
// Behind the first sync: on a slow network the tickets come first.
void app.updates.whenDue();

setInterval(() => document.hidden || app.tick(), TICK_MS);
document.addEventListener("visibilitychange", () => {
  app.eye.pageSeenOrHidden();
  if (document.hidden) return;
  if (store.state.choice) void app.wakeLock.hold();
  app.refresh();
});
addEventListener("beforeunload", (event) => {
  if (store.state.unsent > 0 && !app.updates.leaving) event.preventDefault();
});
for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => app.signals.unlock());
document.addEventListener(
  "keydown",
  (event) => {
    const inField = event.target instanceof Element && event.target.closest("input, dialog");
    if (store.state.choice && !inField) wedge.key(event);
  },
  { capture: true },
);
