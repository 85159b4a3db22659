import { Refused, findGuests } from "./api.js";
import { openDialog } from "./dialogs.js";
import { fill, h } from "./dom.js";
import { areaName, placeLine } from "./places.js";
import { isKey } from "./words/index.js";

/** @typedef {import("./types.js").Guest} Guest */

const FOUR = /^[0-9A-Za-z]{4}$/;
/** @type {Record<string, import("./words/index.js").Key>} */
const REFUSALS = { pin_refused: "pin.wrong", rate_limited: "guests.limited" };

/**
 * Finds the ticket of somebody who has nothing to show, by the end of the order's number or of a phone's. The
 * server looks, so it needs the network; a tap lets the ticket be judged like any other.
 *
 * @param {import("./app.js").App} app
 */
export function openGuests(app) {
  const { speech, store } = app;
  const error = h("p", { class: "err", id: "guests-error", role: "alert" });
  const found = h("ul", { class: "guests" });
  const last = h("input", { ...FIELD, id: "guests-last", maxlength: 4, autocapitalize: "characters", enterkeyhint: "search" });
  // It stays in this dialog for the next search, and goes with it.
  const pin = h("input", { ...FIELD, id: "guests-pin", maxlength: 12, inputmode: "numeric", type: "password" });
  const search = h("button", { class: "btn btn--primary btn--wide" }, speech.say("action.search"));

  /** @param {SubmitEvent} event */
  const submit = async (event) => {
    event.preventDefault();
    const { device, choice } = store.state;
    if (search.disabled || !device || !choice) return;
    fill(found);
    error.textContent = "";
    if (!FOUR.test(last.value.trim())) return complain("guests.four", last);
    search.disabled = true;
    try {
      const wanted = { screening: choice.screening, last: last.value.trim(), pin: pin.value };
      const { guests } = await findGuests(device.token, wanted);
      if (guests.length === 0) return complain("guests.none", last);
      fill(found, ...guests.map((guest) => h("li", {}, guestButton(guest))));
      found.querySelector("button")?.focus();
    } catch (reason) {
      if (!(reason instanceof Refused) || reason.status === 401) app.register.failed(reason);
      const key = reason instanceof Refused ? REFUSALS[reason.code] : undefined;
      complain(key ?? "guests.network", reason instanceof Refused ? pin : last);
    } finally {
      search.disabled = false;
    }
  };

  /**
   * @param {import("./words/index.js").Key} key
   * @param {HTMLInputElement} field
   */
  function complain(key, field) {
    error.textContent = speech.say(key);
    field.focus();
    field.select();
  }

  /** @param {Guest} guest */
  function guestButton(guest) {
    const concession = `concession.${guest.concession}`;
    const about = [areaName(guest, speech), isKey(concession) && speech.say(concession), `…${guest.last}`];
    const take = () => {
      dialog.close();
      app.takeFound(guest);
    };
    return h(
      "button",
      { type: "button", class: "guest", onclick: take },
      h("b", {}, placeLine(guest, speech)),
      h("span", { class: "guest__what" }, about.filter(Boolean).join(" · ")),
      h("span", { class: guest.state === "valid" ? "tag tag--good" : "tag tag--off" }, speech.say(stateKey(guest.state))),
    );
  }

  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "guests-title" },
    h(
      "form",
      { class: "dialog__body", onsubmit: submit, novalidate: true },
      h("h2", { id: "guests-title" }, speech.say("guests.title")),
      h("div", { class: "field" }, h("label", { for: "guests-last" }, speech.say("guests.last")), last),
      h("div", { class: "field" }, h("label", { for: "guests-pin" }, speech.say("pin.label")), pin, error),
      search,
      found,
      h(
        "button",
        { type: "button", class: "btn btn--line btn--wide", onclick: () => dialog.close() },
        speech.say("action.cancel"),
      ),
    ),
  );
  openDialog(app, dialog);
  last.focus();
}

const FIELD = { class: "input input--code", autocomplete: "off", spellcheck: "false", "aria-describedby": "guests-error" };

/**
 * @param {string} state as the server says it
 * @returns {import("./words/index.js").Key}
 */
function stateKey(state) {
  if (state === "valid") return "guests.valid";
  const key = `door.${state === "inside" ? "already_in" : state}.title`;
  return isKey(key) ? key : "door.cancelled.title";
}
