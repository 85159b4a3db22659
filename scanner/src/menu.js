import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { openGuests } from "./guests.js";
import { languageSwitch } from "./language-switch.js";

/**
 * Language, direction, another screening, goodbye.
 *
 * @param {import("./app.js").App} app
 */
export function openMenuDialog(app) {
  const { speech, store } = app;
  /** @param {() => void} act */
  const andClose = (act) => () => {
    dialog.close();
    act();
  };
  const out = h("input", {
    type: "checkbox",
    checked: store.state.direction === "out",
    onchange: () => store.set({ direction: out.checked ? "out" : "in" }),
  });
  const scanning = store.state.choice !== null;
  const { practice } = store.state;
  /**
   * @param {import("./words/index.js").Key} label
   * @param {() => void} act
   */
  const choice = (label, act) =>
    h("button", { type: "button", class: "btn btn--line btn--wide", onclick: andClose(act) }, speech.say(label));
  const goodbye = h("div", { class: "dialog__part" });
  const askGoodbye = () =>
    goodbye.replaceChildren(
      h("p", {}, speech.say("menu.disconnect_advice")),
      h(
        "button",
        { type: "button", class: "btn btn--bad btn--wide", onclick: andClose(() => void app.bond.end()) },
        speech.say("menu.disconnect"),
      ),
    );
  goodbye.append(
    h("button", { type: "button", class: "btn btn--line btn--wide", onclick: askGoodbye }, speech.say("menu.disconnect")),
  );
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "menu-title" },
    h(
      "div",
      { class: "dialog__body" },
      h("h2", { id: "menu-title" }, speech.say("menu.title")),
      scanning && languageSwitch(app),
      scanning && !practice && h("label", { class: "check" }, out, h("span", {}, speech.say("menu.out"))),
      scanning && choice("menu.change", () => app.leave()),
      scanning && !practice && choice("guests.title", () => openGuests(app)),
      scanning && !practice && choice("practice.begin", () => app.practice.begin()),
      practice && choice("practice.end", () => app.practice.end()),
      goodbye,
      h(
        "button",
        { type: "button", class: "btn btn--primary btn--wide", onclick: () => dialog.close() },
        speech.say("menu.close"),
      ),
      h("p", { class: "hint" }, link(app)),
      "serviceWorker" in navigator &&
        h("p", { class: "hint" }, speech.say(app.updates.opensOffline ? "offline.ready" : "offline.not_ready")),
    ),
  );
  openDialog(app, dialog);
}

/**
 * With whom the phone talks.
 *
 * @param {import("./app.js").App} app
 */
function link({ speech, store }) {
  const { online, relayed: name } = store.state;
  if (name) return speech.say(online ? "link.both" : "link.relay", { name });
  return speech.say(online ? "link.server" : "network.title");
}
