import { h, redrawer } from "./dom.js";
import { languageSwitch } from "./language-switch.js";

/**
 * The screen of a phone that staff have revoked: whether everything is handed over, and how to begin anew.
 *
 * @param {import("./app.js").App} app
 * @returns {import("./app.js").View}
 */
export function revokedView(app) {
  const { speech, store, bond } = app;
  const title = h("h1", { tabindex: -1 }, speech.say("door.device_revoked.banner"));
  const rest = h("div", { class: "dialog__part", role: "status" });
  const redraw = redrawer(rest);

  /**
   * @param {string} text
   * @param {import("./words/index.js").Key} label
   * @param {() => void} onclick
   */
  const next = (text, label, onclick) => [
    h("p", {}, text),
    h("button", { type: "button", class: "btn btn--primary btn--big btn--wide", onclick }, speech.say(label)),
  ];

  function update() {
    const { unsent } = store.state;
    redraw(`${unsent} ${bond.over}`, () =>
      bond.over
        ? next(unsent === 0 ? speech.say("revoked.done") : "", "revoked.button", () => void bond.end())
        : next(speech.say("revoked.waiting", { n: unsent }), "network.retry", () => void bond.handOver()),
    );
  }
  update();
  const element = h(
    "div",
    { class: "sheet" },
    h("header", { class: "sheet__top" }, h("p", { class: "sheet__brand" }, store.state.device?.name), languageSwitch(app)),
    h("div", { class: "sheet__body pair" }, title, rest),
  );
  return { element, focus: () => title.focus(), update, close() {} };
}
