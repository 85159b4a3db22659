import { cardFor } from "./card.js";
import { inGroups } from "./codes.js";
import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { SAMPLES, sampleAnswer } from "./samples.js";
import { sceneOf } from "./scene.js";

/**
 * All sample codes, to tap or to type.
 *
 * @param {import("./app.js").App} app
 */
export function openSamples(app) {
  const { speech, store } = app;
  const scene = sceneOf(app);
  if (!scene) return;
  const samples = Object.entries(SAMPLES).map(([reason, code]) => {
    const { title, tone } = cardFor(sampleAnswer(reason, scene, store.state), scene);
    const take = () => {
      dialog.close();
      app.takeTyped(code);
    };
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: `guest sample sample--${tone}`, onclick: take },
        h("b", {}, title),
        h("span", { class: "guest__what num" }, inGroups(code)),
      ),
    );
  });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "samples-title" },
    h(
      "div",
      { class: "dialog__body" },
      h("h2", { id: "samples-title" }, speech.say("practice.samples")),
      h("ul", { class: "guests" }, ...samples),
      h(
        "button",
        { type: "button", class: "btn btn--primary btn--wide", onclick: () => dialog.close() },
        speech.say("menu.close"),
      ),
    ),
  );
  openDialog(app, dialog);
}
