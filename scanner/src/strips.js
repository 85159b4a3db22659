import { h } from "./dom.js";
import { noNetwork } from "./shapes.js";

const SKEW_SHOWN_MINUTES = 2;

/** @typedef {{text: string, action?: string, mend?: () => void, network?: boolean}} Strip */

/**
 * The conditions of this phone, in words, each with at most one button that mends it.
 *
 * @param {import("./app.js").App} app
 * @returns {Strip[]}
 */
export function strips(app) {
  const { speech, store, clock, calendar } = app;
  const { revoked, cameraLost, online, unsent, minutesOff, storageFull, direction, choice, training } = store.state;
  /** @type {Strip[]} */
  const found = [];
  if (revoked) {
    const mend = () => void app.disconnect();
    found.push({ text: speech.say("door.device_revoked.banner"), action: speech.say("revoked.button"), mend });
  } else if (!online || unsent > 0) {
    const text = unsent > 0 ? speech.say("state.device.offline", { n: unsent }) : speech.say("network.title");
    found.push({ text, action: speech.say("action.sync_now"), mend: () => app.refresh(), network: true });
  }
  if (cameraLost && choice) {
    const mend = () => void app.eye.start();
    found.push({ text: speech.say("door.camera_lost.banner"), action: speech.say("camera.turn_on"), mend });
  }
  if (minutesOff >= SKEW_SHOWN_MINUTES) {
    const text = speech.say("door.clock_skew.banner", { n: minutesOff });
    found.push({ text, action: speech.say("clock.button"), mend: () => app.refresh() });
  }
  if (storageFull) {
    const mend = () => app.tryStorage();
    found.push({ text: speech.say("door.storage_full.banner"), action: speech.say("clock.button"), mend });
  }
  if (training && choice && clock.training) {
    found.push({ text: speech.say("training.banner", { time: calendar.time(clock.now()) }) });
  }
  if (direction === "out") found.push({ text: speech.say("door.exit.title") });
  return found;
}

/**
 * The narrow amber strip below the bar.
 *
 * @param {Strip} strip
 */
export function stripView({ text, action, mend, network }) {
  return h(
    "div",
    { class: "strip" },
    network && noNetwork(),
    h("span", {}, text),
    action && h("button", { type: "button", class: "btn strip__act", onclick: mend }, action),
  );
}
