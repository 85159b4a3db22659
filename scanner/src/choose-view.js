import { h, redrawer } from "./dom.js";
import { languageSwitch } from "./language-switch.js";
import { openMenuDialog } from "./menu.js";
import { daysAhead } from "./programme.js";
import { strips, stripView } from "./strips.js";
import { capitalised } from "./times.js";

const GATES = ["A", "B", "C", "D"];
const DAYS_SHOWN = 2;
const DAY_MS = 86_400_000;

/** @typedef {import("./types.js").Screening} Screening */

/**
 * The second screen: which door, and what is shown there.
 *
 * @param {import("./app.js").App} app
 * @returns {import("./app.js").View}
 */
export function chooseView(app) {
  const { speech, store } = app;
  let later = false;
  const days = h("div", { class: "days" });
  const banners = h("div", { class: "strips" });
  const training = h("div");
  const title = h("h1", { tabindex: -1 }, speech.say("choose.title"));

  const more = h(
    "button",
    { type: "button", class: "btn btn--line btn--wide", onclick: () => ((later = true), update()) },
    speech.say("choose.later"),
  );
  const gates = h(
    "fieldset",
    { class: "gates" },
    h("legend", {}, speech.say("noun.door")),
    h("div", { class: "chips" }, ...GATES.map((gate) => gateChip(app, gate))),
  );

  const element = h(
    "div",
    { class: "sheet" },
    h("header", { class: "sheet__top" }, h("p", { class: "sheet__brand" }, store.state.device?.name), languageSwitch(app)),
    banners,
    h("div", { class: "sheet__body" }, title, gates, training, days),
    h(
      "footer",
      { class: "sheet__foot" },
      h("button", { type: "button", class: "btn btn--line", onclick: () => openMenuDialog(app) }, speech.say("menu.title")),
    ),
  );

  const redrawBanners = redrawer(banners);
  const redrawTraining = redrawer(training);
  const redrawDays = redrawer(days);

  function update() {
    const { festival, screenings, device } = store.state;
    const conditions = strips(app);
    redrawBanners(conditions.map(({ text }) => text).join(), () => conditions.map(stripView));
    redrawTraining(String(festival?.training), () => [festival?.training === true && trainingSwitch(app)]);
    if (!festival) return redrawDays("loading", () => [h("p", { class: "muted" }, speech.say("text.loading"))]);
    const ahead = daysAhead(screenings.values(), device?.venue ?? null, app.clock.now(), app.calendar);
    const shown = later ? ahead : ahead.slice(0, DAYS_SHOWN);
    redrawDays(JSON.stringify([shown, ahead.length]), () => [
      ...shown.map((day) => dayList(app, day)),
      ahead.length === 0 && h("p", { class: "muted" }, speech.say("choose.none")),
      shown.length < ahead.length && more,
    ]);
  }
  update();
  return { element, focus: () => title.focus(), update, close() {} };
}

/**
 * @param {import("./app.js").App} app
 * @param {string} gate
 */
function gateChip(app, gate) {
  const input = h("input", {
    type: "radio",
    name: "gate",
    value: gate,
    checked: gate === app.gate,
    onchange: () => (app.gate = gate),
  });
  return h("label", { class: "chip" }, input, gate);
}

/** @param {import("./app.js").App} app */
function trainingSwitch(app) {
  const input = h("input", {
    type: "checkbox",
    checked: app.store.state.training,
    onchange: () => app.store.set({ training: input.checked }),
  });
  return h(
    "label",
    { class: "check" },
    input,
    h(
      "span",
      {},
      app.speech.say("training.switch"),
      h("span", { class: "check__hint" }, app.speech.say("training.hint")),
    ),
  );
}

/**
 * @param {import("./app.js").App} app
 * @param {import("./programme.js").Day} day
 */
function dayList(app, day) {
  return h(
    "section",
    {},
    h("h2", { class: "days__name" }, dayName(app, day)),
    h("ul", {}, ...day.screenings.map((screening) => h("li", {}, screeningButton(app, screening)))),
  );
}

/**
 * @param {import("./app.js").App} app
 * @param {import("./programme.js").Day} day
 */
function dayName({ speech, calendar, clock }, { day, at }) {
  const now = clock.now();
  const date = calendar.weekdayAndDate(at, speech);
  if (day === calendar.day(now)) return `${speech.say("choose.today")}: ${date}`;
  if (day === calendar.day(now + DAY_MS)) return `${speech.say("choose.tomorrow")}: ${date}`;
  return capitalised(date);
}

/**
 * @param {import("./app.js").App} app
 * @param {Screening} screening
 */
function screeningButton(app, screening) {
  const { speech, calendar, store, clock } = app;
  const { admitted, capacity } = screening;
  const hall = store.state.halls.get(screening.hall);
  const now = clock.now();
  const open = Date.parse(screening.doors_open) <= now && now < Date.parse(screening.doors_close);
  return h(
    "button",
    { type: "button", class: "pick", onclick: () => app.choose(screening) },
    h("b", { class: "pick__time num" }, calendar.time(Date.parse(screening.starts_at))),
    h(
      "span",
      { class: "pick__what" },
      h("b", {}, speech.pick(screening.title)),
      h("span", { class: "pick__hall" }, hall ? hallName(app, hall) : screening.hall),
      screening.status === "cancelled"
        ? h("span", { class: "tag tag--off" }, speech.say("state.screening.cancelled"))
        : open && h("span", { class: "tag tag--good" }, speech.say("state.screening.doors_open")),
    ),
    h("span", { class: "pick__count num" }, speech.say("occupancy", { admitted, capacity })),
  );
}

/**
 * The hall, with its venue for a phone that serves several.
 *
 * @param {import("./app.js").App} app
 * @param {import("./types.js").Hall} hall
 */
function hallName({ speech, store }, hall) {
  const name = speech.pick(hall.name);
  return store.state.device?.venue === null ? `${name} · ${speech.pick(hall.venue_name)}` : name;
}
