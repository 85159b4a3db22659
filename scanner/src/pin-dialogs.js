import { openDialog } from "./dialogs.js";
import { h } from "./dom.js";

/** @typedef {import("./words/index.js").Key} Key */

/** Why a supervisor lets somebody in; the word that is kept is the key's last part. */
/** @type {Key[]} */
const REASONS = ["override.no_exit_scan", "override.late_guest", "override.guest", "override.other"];

/**
 * Asks for the usher's PIN of the day before the first ticket.
 *
 * @param {import("./app.js").App} app
 * @param {string} day
 * @param {() => void} then
 */
export function openUsherPin(app, day, then) {
  openPin(app, { title: "pin.usher", role: "usher", day, extra: [], done: then });
}

/**
 * Lets a supervisor let somebody in all the same: a reason and a PIN.
 *
 * @param {import("./app.js").App} app
 * @param {(reason: string) => void} then
 */
export function openOverride(app, then) {
  const { speech } = app;
  const day = app.store.screening?.day ?? "";
  if (!app.pins.check("supervisor", day)) return openNoPin(app);
  const options = REASONS.map((key, i) =>
    h(
      "label",
      { class: "check" },
      h("input", { type: "radio", name: "why", value: key.split(".")[1], checked: i === 0 }),
      h("span", {}, speech.say(key)),
    ),
  );
  const why = h("fieldset", { class: "field" }, h("legend", {}, speech.say("noun.reason")), ...options);
  openPin(app, {
    title: "action.supervisor",
    role: "supervisor",
    day,
    extra: [why],
    done: () => then(why.querySelector("input:checked")?.getAttribute("value") ?? "other"),
  });
}

/**
 * @param {import("./app.js").App} app
 * @param {{title: Key, role: import("./pins.js").Role, day: string, extra: HTMLElement[], done: () => void}} what
 */
function openPin(app, { title, role, day, extra, done }) {
  const { speech, pins } = app;
  const error = h("p", { class: "err", id: "pin-error", role: "alert" });
  const field = h("input", {
    class: "input input--code",
    id: "pin",
    inputmode: "numeric",
    autocomplete: "off",
    type: "password",
    maxlength: 12,
    enterkeyhint: "go",
    "aria-describedby": "pin-error",
  });
  const admit = h("button", { class: "btn btn--primary btn--wide" }, speech.say(role === "usher" ? "pin.go" : "door.ok.title"));
  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    if (admit.disabled) return;
    admit.disabled = true;
    const right = await pins.try(role, day, field.value);
    admit.disabled = false;
    if (right) {
      dialog.close();
      return done();
    }
    const seconds = Math.ceil((pins.lockedUntil - app.clock.server()) / 1000);
    error.textContent = seconds > 0 ? speech.say("pin.locked", { n: seconds }) : speech.say("pin.wrong");
    field.setAttribute("aria-invalid", "true");
    field.value = "";
    field.focus();
  };
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "pin-title" },
    h(
      "form",
      { class: "dialog__body", onsubmit: submit, novalidate: true },
      h("h2", { id: "pin-title" }, speech.say(title)),
      ...extra,
      h("div", { class: "field" }, h("label", { for: "pin" }, speech.say("pin.label")), field, error),
      admit,
      cancel(app, () => dialog.close()),
    ),
  );
  openDialog(app, dialog);
  field.focus();
}

/** @param {import("./app.js").App} app */
function openNoPin(app) {
  const { speech } = app;
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "pin-title" },
    h(
      "div",
      { class: "dialog__body" },
      h("h2", { id: "pin-title" }, speech.say("action.supervisor")),
      h("p", {}, speech.say("pin.none")),
      cancel(app, () => dialog.close()),
    ),
  );
  openDialog(app, dialog);
}

/**
 * @param {import("./app.js").App} app
 * @param {() => void} onclick
 */
function cancel({ speech }, onclick) {
  return h("button", { type: "button", class: "btn btn--line btn--wide", onclick }, speech.say("action.cancel"));
}
