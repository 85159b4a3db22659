/**
 * From the server's answer to the card that fills the screen: colour, silhouette, one or two words, the
 * number, what to do next (DOOR, the table of reasons). Pure.
 */

import { adviceFor } from "./advice.js";
import { seatFigures } from "./places.js";
import { mayOverride } from "./verdict.js";
import { isKey } from "./words/index.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {"ok" | "no" | "go" | "att"} Tone ok green, no red, go blue, att amber */
/** @typedef {"next" | "type" | "card_seen" | "no_card" | "sync" | "reload" | "retry" | "choose" | "override" | "end_practice"} Action */

/**
 * @typedef {object} Figure a monument of a number, with a small word above or after it
 * @property {string} text
 * @property {string} [label]
 * @property {string} [unit]
 *
 * @typedef {object} Card
 * @property {string} reason
 * @property {Tone} tone
 * @property {string} title
 * @property {Figure[]} big
 * @property {string[]} lines
 * @property {string} strong the last line, in bold; may be empty
 * @property {Action[]} actions the first is the main one; none when it clears by itself
 *
 * @typedef {object} Scene what the card may refer to
 * @property {import("./words/index.js").Speech} speech
 * @property {import("./times.js").Calendar} calendar
 * @property {number} now the corrected time at the door
 * @property {import("./types.js").Screening} screening
 * @property {string} hall where the usher stands
 * @property {string} device this phone's id
 * @property {number} minutesSinceSync
 */

/** @type {Record<string, Tone>} */
const TONES = {
  ok: "ok",
  reentry: "ok",
  exit: "ok",
  ok_unlisted: "ok",
  ok_attention: "att",
  already_in: "no",
  wrong_screening: "go",
  wrong_venue: "go",
  wrong_day: "go",
  screening_moved: "go",
  screening_cancelled: "go",
  too_early: "att",
  too_late: "att",
  refunded: "no",
  cancelled: "no",
  blocked: "no",
  reissued: "no",
  needs_reservation: "att",
  full: "att",
  lease_spent: "att",
  bad_signature: "no",
  unknown: "no",
  unknown_key: "att",
  newer_version: "att",
  stale: "att",
};

/** @type {Record<string, Action[]>} */
const ACTIONS = {
  ok_attention: ["card_seen", "no_card"],
  bad_signature: ["next", "type"],
  unknown: ["next", "type"],
  unknown_key: ["sync", "next"],
  stale: ["sync", "next"],
  newer_version: ["reload", "next"],
};

/**
 * @param {Answer} answer admit or refuse
 * @param {Scene} scene
 * @returns {Card}
 */
export function cardFor(answer, scene) {
  const reason = knownReason(answer);
  const tone = TONES[reason] ?? "att";
  return {
    reason,
    tone,
    title: titleFor(reason, answer, scene),
    big: figuresFor(reason, answer, scene),
    ...adviceFor(reason, answer, scene),
    actions: tone === "ok" ? [] : (ACTIONS[reason] ?? (mayOverride(reason) ? ["next", "override"] : ["next"])),
  };
}

/**
 * The card when no answer came: never green, and the same scan can be sent again.
 *
 * @param {import("./words/index.js").Speech} speech
 * @returns {Card}
 */
export function unansweredCard(speech) {
  return {
    reason: "no_answer",
    tone: "att",
    title: speech.say("network.title"),
    big: [],
    lines: [speech.say("network.advice")],
    strong: "",
    actions: ["retry", "next"],
  };
}

/**
 * The card of somebody who is let in while the disk takes nothing more: never green, since only this open page knows.
 *
 * @param {Card} card what it would be
 * @param {import("./words/index.js").Speech} speech
 * @returns {Card}
 */
export function unsavedCard(card, speech) {
  const lines = [speech.say("unsaved.advice"), ...card.lines];
  return { ...card, reason: "unsaved", tone: "att", title: speech.say("unsaved.title"), lines, actions: ["next"] };
}

/**
 * The card when the programme has moved the chosen screening to another hall.
 *
 * @param {string} hall its new hall's name
 * @param {import("./words/index.js").Speech} speech
 * @returns {Card}
 */
export function movedCard(hall, speech) {
  return {
    reason: "screening_moved",
    tone: "go",
    title: speech.say("door.screening_moved.title", { hall }),
    big: [],
    lines: [speech.say("door.screening_moved.advice")],
    strong: "",
    actions: ["choose"],
  };
}

/**
 * An answer whose reason this version of the page has not heard of is shown by its verdict alone.
 *
 * @param {Answer} answer
 */
function knownReason(answer) {
  if (Object.hasOwn(TONES, answer.reason)) return answer.reason;
  return answer.verdict === "admit" ? "ok" : "newer_version";
}

/**
 * @param {string} reason
 * @param {Answer} answer
 * @param {Scene} scene
 */
function titleFor(reason, { redirect }, { speech, hall }) {
  if (reason === "wrong_screening" && redirect?.hall === hall) return speech.say("door.wrong_time.title");
  const key = `door.${reason}.title`;
  return isKey(key) ? speech.say(key, { hall: redirect ? speech.pick(redirect.hall_name) : "" }) : "";
}

/**
 * @param {string} reason
 * @param {Answer} answer
 * @param {Scene} scene
 * @returns {Figure[]}
 */
function figuresFor(reason, answer, { speech, calendar, screening, now, minutesSinceSync }) {
  const { redirect, ticket } = answer;
  switch (reason) {
    case "ok":
    case "reentry":
    case "ok_attention":
    case "ok_unlisted":
      return ticket ? seatFigures(ticket, speech) : [];
    case "already_in":
      return answer.since ? [{ text: calendar.time(Date.parse(answer.since)) }] : [];
    case "wrong_screening":
    case "wrong_venue":
    case "screening_moved":
      return redirect ? [{ text: calendar.time(Date.parse(redirect.starts_at)) }] : [];
    case "wrong_day":
      return redirect ? dayFigures(Date.parse(redirect.starts_at)) : [];
    case "too_early":
      return momentFigures(Date.parse(screening.doors_open));
    case "too_late":
      return momentFigures(Date.parse(screening.doors_close));
    case "stale":
      return minutesSinceSync === 0 ? [] : [{ text: String(minutesSinceSync), unit: speech.say("minutes.unit") }];
    default:
      return [];
  }

  /** @param {number} at */
  function dayFigures(at) {
    const { day, month } = calendar.monument(at, speech);
    return [{ text: day, unit: month }];
  }

  /** @param {number} at */
  function momentFigures(at) {
    return calendar.day(at) === calendar.day(now) ? [{ text: calendar.time(at) }] : dayFigures(at);
  }
}
