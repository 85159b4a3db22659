import { h } from "./dom.js";
import { LANGUAGES } from "./words/index.js";

/**
 * Three buttons, one for each language.
 *
 * @param {import("./app.js").App} app
 */
export function languageSwitch(app) {
  const { language } = app.store.state;
  return h(
    "div",
    { class: "langs", role: "group", "aria-label": app.speech.say("menu.language") },
    ...LANGUAGES.map(({ code, name }) =>
      h(
        "button",
        {
          type: "button",
          class: "langs__one",
          lang: code,
          "aria-pressed": String(code === language),
          onclick: () => app.setLanguage(code),
        },
        name,
      ),
    ),
  );
}
