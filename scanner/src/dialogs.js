import { h } from "./dom.js";

/**
 * Opens a modal dialog and removes it when it closes.
 *
 * @param {import("./app.js").App} app
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(app, dialog) {
  dialog.addEventListener("close", () => {
    dialog.remove();
    app.eye.stir();
  });
  document.body.append(dialog);
  // When it closes, the focus goes back to what has it now: not to a button of a card that is about to go.
  app.render();
  dialog.showModal();
}

/** @returns {NodeListOf<HTMLDialogElement>} */
export function openDialogs() {
  return document.querySelectorAll("dialog[open]");
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
    "aria-describedby": "type-hint type-signed type-error",
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
        app.store.state.keys.length > 0 && h("p", { class: "hint", id: "type-signed" }, speech.say("type.signed_hint")),
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
  openDialog(app, dialog);
  field.focus();
}
