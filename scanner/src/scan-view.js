import { movedCard } from "./card.js";
import { cardView, spoken } from "./card-view.js";
import { openTypingDialog } from "./dialogs.js";
import { byId, fill, h, redrawer, write } from "./dom.js";
import { UNDO_MS } from "./desk.js";
import { openMenuDialog } from "./menu.js";
import { placeLine } from "./places.js";
import { openSamples } from "./samples-dialog.js";
import { tick } from "./shapes.js";
import { strips, stripView } from "./strips.js";
import { isKey } from "./words/index.js";

const GREEN_MS = 1_200;
const HINT_MS = 2_000;
/** Shorter checks are not worth a word, which would only delay the verdict. */
const SLOW_MS = 150;

/**
 * The third screen: the camera is the page, the count is always in the corner.
 *
 * @param {import("./app.js").App} app
 * @returns {import("./app.js").View}
 */
export function scanView(app) {
  const { speech, store } = app;
  /** @type {import("./card.js").Card | null} */
  let shownCard = null;
  /** @type {import("./card.js").Card | null} */
  let moved = null;
  /** @type {string | null} */
  let shownHint = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let greenTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let hintTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let slowTimer;
  let checking = false;
  let slow = false;

  const place = h("b");
  const what = h("span");
  const count = h("p", { class: "door__occ num" });
  const banners = h("div", { class: "strips" });
  const said = h("p", { class: "cam__said" });
  const wake = h("button", { type: "button", class: "cam__wake", onclick: () => app.eye.wake() });
  const last = h("div", { class: "last" });
  const lastPlace = h("b");
  const lastWhat = h("span");
  const undo = h("button", { type: "button", class: "btn", onclick: () => app.undo() }, speech.say("action.undo"));
  const redrawCount = redrawer(count);
  const redrawBanners = redrawer(banners);
  const redrawLast = redrawer(last);
  const torch = key("action.torch", () => void app.eye.toggleTorch());
  const typing = key("action.type_code", () => openTypingDialog(app));
  const samples = key("practice.samples", () => openSamples(app));
  const cam = h("div", { class: "cam" }, app.eye.video, h("span", { class: "cam__frame", "aria-hidden": "true" }), said, wake);
  const stage = h("div", { class: "stage" });
  const element = h(
    "div",
    { class: "door" },
    h("header", { class: "door__bar" }, h("h1", { class: "door__where", tabindex: -1 }, place, what), count),
    banners,
    cam,
    last,
    h("div", { class: "keys" }, torch, typing, samples, key("menu.title", () => openMenuDialog(app))),
    stage,
  );

  /**
   * @param {import("./words/index.js").Key} label
   * @param {() => void} onclick
   */
  function key(label, onclick) {
    return h("button", { type: "button", class: "btn", onclick }, speech.say(label));
  }

  /** The verdict, else the news that this door's screening has left the hall. */
  function cardNow() {
    const { card } = store.state;
    const hall = store.movedTo;
    if (card || !hall) return card;
    moved ??= movedCard(speech.pick(hall.name), speech);
    return moved;
  }

  /** Tells whether there is a new one. */
  function showCard() {
    const card = cardNow();
    if (card === shownCard) return false;
    shownCard = card;
    clearTimeout(greenTimer);
    element.classList.toggle("door--judged", card !== null);
    // What lies behind the card is out of reach for keys and readers as well.
    for (const behind of [cam, last, typing.parentElement]) behind?.toggleAttribute("inert", card !== null);
    if (!card) {
      fill(stage);
      typing.focus({ preventScroll: true });
      return false;
    }
    const view = cardView(card, speech, (action) => app.act(action));
    fill(stage, view);
    (view.querySelector("button") ?? view).focus({ preventScroll: true });
    byId(card.tone === "ok" ? "said" : "alarm").textContent = spoken(card);
    if (card.actions.length === 0) greenTimer = setTimeout(() => app.act("next"), GREEN_MS);
    return true;
  }

  function noteSlowCheck() {
    if (store.state.checking === checking) return;
    checking = !checking;
    slow = false;
    clearTimeout(slowTimer);
    if (!checking) return;
    slowTimer = setTimeout(() => {
      slow = true;
      showHint();
    }, SLOW_MS);
  }

  function showHint() {
    const { hint, cameraLost } = store.state;
    if (hint !== shownHint) {
      shownHint = hint;
      clearTimeout(hintTimer);
      if (hint) hintTimer = setTimeout(() => store.set({ hint: null }), HINT_MS);
    }
    const key = `door.${hint}.hint`;
    const idle = app.eye.camera.running ? "door.idle.hint" : "camera.starting";
    wake.hidden = !app.eye.asleep;
    write(wake, app.eye.asleep ? speech.say("idle.paused") : "");
    cam.classList.toggle("cam--asleep", app.eye.asleep);
    said.classList.toggle("cam__said--hint", hint !== null);
    const text = slow ? "checking" : isKey(key) ? key : idle;
    write(said, app.eye.asleep || (cameraLost && text === idle) ? "" : speech.say(text));
  }

  function showLast() {
    const admission = store.state.last;
    const age = admission ? app.clock.ticks() - admission.at : UNDO_MS;
    if (!admission || age >= UNDO_MS) return redrawLast("", () => []);
    const { scan, ticket, undone } = admission;
    const ago = speech.say("last.ago", { n: Math.max(0, Math.floor(age / 1000)) });
    write(lastPlace, ticket ? placeLine(ticket, speech) : "");
    write(lastWhat, undone ? speech.say("door.undo.done") : ago);
    redrawLast(`${scan.id} ${undone}`, () => [tick(), h("span", {}, lastPlace, lastWhat), !undone && undo]);
  }

  /** The verdict comes first: what is seen beside it waits while a code is checked, and until the card is painted. */
  function update() {
    noteSlowCheck();
    const judged = showCard();
    if (checking) return;
    if (judged) requestAnimationFrame(() => setTimeout(showRest));
    else showRest();
  }

  function showRest() {
    const { choice, halls } = store.state;
    const screening = store.screening;
    const hall = choice && halls.get(choice.hall);
    const gate = speech.say("gate.label", { gate: choice?.gate ?? "" });
    write(place, hall ? `${speech.pick(hall.name)} · ${gate}` : gate);
    const time = screening && app.calendar.time(Date.parse(screening.starts_at));
    write(what, screening ? `${speech.pick(screening.title)}, ${time}` : "");
    const { admitted = 0, capacity = 0 } = screening ?? {};
    redrawCount(screening ? `${admitted} ${capacity}` : "", () => [h("b", {}, String(admitted)), ` / ${capacity}`]);
    const conditions = strips(app);
    redrawBanners(conditions.map(({ text }) => text).join(), () => conditions.map(stripView));
    element.classList.toggle("door--practice", store.state.practice);
    samples.hidden = !store.state.practice;
    torch.hidden = !app.eye.camera.hasTorch;
    torch.setAttribute("aria-pressed", String(app.eye.torchOn));
    showHint();
    showLast();
  }

  // The age of the last admission and the training clock move by themselves.
  const seconds = setInterval(update, 1_000);
  update();
  return {
    element,
    focus: () => typing.focus({ preventScroll: true }),
    update,
    close() {
      clearInterval(seconds);
      clearTimeout(greenTimer);
      clearTimeout(hintTimer);
      clearTimeout(slowTimer);
    },
  };
}
