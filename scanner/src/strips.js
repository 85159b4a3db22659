import { h } from "./dom.js";
import { nextInHall } from "./programme.js";
import { noNetwork } from "./shapes.js";

const SKEW_SHOWN_MINUTES = 2;
// A refund after the last sync is unknown to this phone.
const AGE_SHOWN_MINUTES = 15;

/** @typedef {{text: string, action?: string, mend?: () => void, network?: boolean, stays?: boolean}} Strip `stays` beside a card on the smallest phones too */

/**
 * The conditions of this phone, in words, each with at most one button that mends it.
 *
 * @param {import("./app.js").App} app
 * @returns {Strip[]}
 */
export function strips(app) {
  const { speech, store, clock, calendar, updates } = app;
  const { practice, cameraLost, online, relayed, unsent, minutesOff, storageFull, direction, choice, training, syncedAt } = store.state;
  /** @type {Strip[]} */
  const found = [];
  if (practice) {
    const mend = () => app.practice.end();
    found.push({ text: speech.say("practice.banner"), action: speech.say("practice.stop"), mend, stays: true });
  }
  if (!online || unsent > 0) {
    const text = relayed && !online
      ? speech.say("link.strip", { name: relayed, n: unsent })
      : speech.say(unsent > 0 ? "state.device.offline" : "network.title", { n: unsent });
    found.push({ text, action: speech.say("action.sync_now"), mend: () => app.refresh(), network: true });
  }
  const age = syncedAt ? Math.floor(clock.age(syncedAt) / 60_000) : 0;
  if (age >= AGE_SHOWN_MINUTES) found.push({ text: speech.say("sync.age", { n: age }) });
  if (cameraLost && choice) {
    const mend = () => void app.eye.start();
    found.push({ text: speech.say("door.camera_lost.banner"), action: speech.say("camera.turn_on"), mend });
  }
  if (minutesOff >= SKEW_SHOWN_MINUTES) {
    const text = speech.say("door.clock_skew.banner", { n: minutesOff });
    found.push({ text, action: speech.say("clock.button"), mend: () => app.refresh() });
  }
  const { unsaved } = app.log;
  if (storageFull || unsaved > 0) {
    const text = unsaved > 0 ? speech.say("unsaved.strip", { n: unsaved }) : speech.say("door.storage_full.banner");
    const mend = () => void app.tryStorage();
    found.push({ text, action: speech.say("clock.button"), mend, stays: unsaved > 0 });
  }
  if (training && choice && clock.training) {
    found.push({ text: speech.say("training.banner", { time: calendar.time(clock.now()) }) });
  }
  const next = choice && store.screening && nextInHall(store.state.screenings.values(), store.screening, choice.hall, clock.now());
  if (next) {
    const text = speech.say("next.open", { title: speech.pick(next.title), time: calendar.time(Date.parse(next.starts_at)) });
    found.push({ text, action: speech.say("next.switch"), mend: () => app.choose(next) });
  }
  if (updates.offered) {
    found.push({ text: speech.say("update.ready"), action: speech.say("update.reload"), mend: () => void updates.take() });
  }
  const line = store.state.line;
  if (line && choice && store.screening?.released_at) {
    found.push({ text: speech.say("rush.strip", { ...line, n: app.rush.unspent.length }) });
  }
  if (direction === "out") {
    const mend = () => store.set({ direction: "in" });
    found.push({ text: speech.say("door.exit.title"), action: speech.say("practice.stop"), mend });
  }
  return found;
}

/**
 * The narrow amber strip below the bar.
 *
 * @param {Strip} strip
 */
export function stripView({ text, action, mend, network, stays }) {
  return h(
    "div",
    { class: stays ? "strip strip--stays" : "strip" },
    network && noNetwork(),
    h("span", {}, text),
    action && h("button", { type: "button", class: "btn strip__act", onclick: mend }, action),
  );
}
