import { h } from "./dom.js";
import { languageSwitch } from "./language-switch.js";

/**
 * Opens a modal dialog and removes it when it closes.
 *
 * @param {import("./app.js").App} app
 * @param {HTMLDialogElement} dialog
 */
function open(app, dialog) {
  dialog.addEventListener("close", () => {
    dialog.remove();
    app.eye.stir();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * A ticket's code by hand. A scanner that types works here too, since Enter checks.
 *
 * @param {import("./app.js").App} app
 */
export function openTypingDialog(app) {
  const { speech } = app;
  const error = h("p", { class: "err", id: "type-error", role: "alert" });
  const field = h("input", {
    class: "input input--code input--long",
    id: "type-code",
    autocomplete: "off",
    autocapitalize: "characters",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "go",
    "aria-describedby": "type-hint type-error",
  });
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    if (app.takeTyped(field.value)) return dialog.close();
    error.textContent = speech.say("door.not_a_ticket.hint");
    field.setAttribute("aria-invalid", "true");
    field.focus();
    field.select();
  };
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "type-title" },
    h(
      "form",
      { class: "dialog__body", onsubmit: submit, novalidate: true },
      h("h2", { id: "type-title" }, speech.say("action.type_code")),
      h(
        "div",
        { class: "field" },
        h("label", { for: "type-code" }, speech.say("noun.ticket_code")),
        field,
        h("p", { class: "hint", id: "type-hint" }, speech.say("type.hint")),
        error,
      ),
      h("button", { class: "btn btn--primary btn--wide" }, speech.say("type.check")),
      h(
        "button",
        { type: "button", class: "btn btn--line btn--wide", onclick: () => dialog.close() },
        speech.say("action.cancel"),
      ),
    ),
  );
  open(app, dialog);
  field.focus();
}

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
  const goodbye = h("div", { class: "dialog__part" });
  const askGoodbye = () =>
    goodbye.replaceChildren(
      h("p", {}, speech.say("menu.disconnect_advice")),
      h(
        "button",
        { type: "button", class: "btn btn--bad btn--wide", onclick: andClose(() => void app.disconnect()) },
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
      scanning && h("label", { class: "check" }, out, h("span", {}, speech.say("menu.out"))),
      scanning &&
        h(
          "button",
          { type: "button", class: "btn btn--line btn--wide", onclick: andClose(() => app.leave()) },
          speech.say("menu.change"),
        ),
      goodbye,
      h(
        "button",
        { type: "button", class: "btn btn--primary btn--wide", onclick: () => dialog.close() },
        speech.say("menu.close"),
      ),
    ),
  );
  open(app, dialog);
}
