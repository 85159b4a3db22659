import { NoAnswer, Refused } from "./api.js";
import { h } from "./dom.js";
import { languageSwitch } from "./language-switch.js";

const LETTERS = 8;

/**
 * The first screen: the eight letters that tie this phone to a venue.
 *
 * @param {import("./app.js").App} app
 * @returns {import("./app.js").View}
 */
export function pairView(app) {
  const { speech } = app;
  const error = h("p", { class: "err", id: "pair-error", role: "alert" });
  const field = h("input", {
    class: "input input--code",
    id: "pair-code",
    name: "code",
    value: app.invitation,
    maxlength: 20,
    autocomplete: "off",
    autocapitalize: "characters",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-describedby": "pair-hint pair-error",
  });
  const button = h("button", { class: "btn btn--primary btn--big btn--wide" }, speech.say("pair.button"));

  /** @param {string} text */
  const complain = (text) => {
    error.textContent = text;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  };

  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const code = field.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (code.length !== LETTERS) return complain(speech.say("pair.wrong"));
    error.textContent = "";
    button.disabled = true;
    try {
      await app.bond.pair(code);
    } catch (reason) {
      if (reason instanceof NoAnswer) complain(speech.say("pair.no_network"));
      else if (reason instanceof Refused && reason.code === "pairing_expired") {
        complain(speech.say("error.pairing_expired"));
      } else if (reason instanceof Refused) complain(speech.say("pair.wrong"));
      else throw reason;
    } finally {
      button.disabled = false;
    }
  };

  const element = h(
    "div",
    { class: "sheet" },
    h("header", { class: "sheet__top" }, h("p", { class: "sheet__brand" }, "Kassa"), languageSwitch(app)),
    h(
      "form",
      { class: "sheet__body pair", onsubmit: submit, novalidate: true },
      h("h1", { tabindex: -1 }, speech.say("pair.title")),
      h(
        "div",
        { class: "field" },
        h("label", { for: "pair-code" }, speech.say("noun.pairing_code")),
        field,
        h("p", { class: "hint", id: "pair-hint" }, speech.say("pair.hint")),
        error,
      ),
      button,
    ),
  );
  return { element, focus: () => field.focus(), update() {}, close() {} };
}
