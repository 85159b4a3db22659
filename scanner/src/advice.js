/** The lines below a card's number: what the usher does next. Pure. */

import { areaName } from "./places.js";
import { capitalised } from "./times.js";
import { isKey } from "./words/index.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").Redirect} Redirect */
/** @typedef {import("./card.js").Scene} Scene */
/** @typedef {{lines: string[], strong: string}} Advice */

/** @type {Record<string, import("./words/index.js").Key>} */
const CARDS = { student: "noun.student_card", pensioner: "noun.pension_card", child: "noun.id_document" };

const LONGEST_COUNTDOWN_MINUTES = 120;

/**
 * @param {string} reason
 * @param {Answer} answer
 * @param {Scene} scene
 * @returns {Advice}
 */
export function adviceFor(reason, answer, scene) {
  const { speech, calendar, screening, minutesSinceSync } = scene;
  const { ticket, redirect } = answer;
  switch (reason) {
    case "ok":
      return lines(...lineWords(answer, speech), ticket ? areaName(ticket, speech) : "");
    case "reentry":
      return lines(
        answer.since ? speech.say("door.reentry.advice", { time: calendar.time(Date.parse(answer.since)) }) : "",
      );
    case "ok_attention":
      return {
        lines: [...lineWords(answer, speech), ...(answer.attention ?? []).map((check) => checkLine(check, speech))],
        strong: concession(answer, scene),
      };
    case "needs_reservation":
      return notCalled(answer, scene);
    case "already_in":
      return alreadyIn(answer, scene);
    case "wrong_screening":
    case "wrong_venue":
    case "wrong_day":
      return redirect ? elsewhere(reason, redirect, scene) : lines();
    case "too_early":
      return tooEarly(scene);
    case "too_late":
      return lines(speech.say("door.too_late.advice", { time: calendar.time(Date.parse(screening.doors_close)) }));
    case "stale":
      return lines(
        minutesSinceSync > 0
          ? speech.say("door.stale.advice", { n: minutesSinceSync })
          : speech.say("door.unknown_key.advice"),
      );
    default: {
      const key = `door.${reason}.advice`;
      return lines(isKey(key) ? speech.say(key) : "");
    }
  }
}

/**
 * What the rush line adds: whose turn it is, and that a late guest sits elsewhere.
 *
 * @param {Answer} answer
 * @param {import("./words/index.js").Speech} speech
 */
function lineWords({ slip, new_seat: elsewhere }, speech) {
  return [slip === undefined ? "" : speech.say("rush.slip", { n: slip }), elsewhere ? speech.say("rush.new_seat") : ""].filter(
    Boolean,
  );
}

/**
 * @param {Answer} answer
 * @param {Scene} scene
 */
function notCalled({ slip }, { speech, screening }) {
  if (slip === undefined) return lines(speech.say("door.needs_reservation.advice"));
  const called = screening.released_at ? (screening.called ?? 0) : 0;
  return lines(
    speech.say("rush.slip", { n: slip }),
    called > 0 ? speech.say("rush.called", { n: called }) : speech.say("rush.none_called"),
  );
}

/** @param {...string} texts */
function lines(...texts) {
  return { lines: texts.filter(Boolean), strong: "" };
}

/**
 * @param {string} check `student`, `age:16+`, `minor`
 * @param {import("./words/index.js").Speech} speech
 */
function checkLine(check, speech) {
  if (check === "minor") return speech.say("door.ok_attention.advice_minor");
  if (check.startsWith("age:")) return speech.say("door.ok_attention.advice_age", { age: check.slice(4) });
  const card = speech.say(CARDS[check] ?? "noun.id_document");
  return speech.say("door.ok_attention.advice_concession", { card });
}

/**
 * The concession's name, where it is one that asks for a card.
 *
 * @param {Answer} answer
 * @param {Scene} scene
 */
function concession({ ticket, attention = [] }, { speech }) {
  const key = `concession.${ticket?.concession}`;
  return attention.includes(ticket?.concession ?? "") && isKey(key) ? speech.say(key) : "";
}

/**
 * @param {Answer} answer
 * @param {Scene} scene
 * @returns {Advice}
 */
function alreadyIn({ since, since_gate: gate, since_device: phone }, { speech, calendar, now, device }) {
  if (!since) return lines();
  const at = Date.parse(since);
  const minutes = Math.floor((now - at) / 60_000);
  const ago = minutes < 1 ? speech.say("since.now") : speech.count("plural.minutes_ago", minutes);
  const where = phone ? speech.say(phone === device ? "since.this_phone" : "since.another_phone") : "";
  const when = minutes > LONGEST_COUNTDOWN_MINUTES ? calendar.weekdayAndDate(at, speech) : ago;
  return {
    lines: gate ? [speech.say("door.already_in.advice", { time: calendar.time(at), gate })] : [],
    strong: capitalised([when, where].filter(Boolean).join(", ")),
  };
}

/**
 * @param {string} reason
 * @param {Redirect} redirect
 * @param {Scene} scene
 */
function elsewhere(reason, redirect, { speech, calendar, hall: here }) {
  const at = Date.parse(redirect.starts_at);
  const time = calendar.time(at);
  const title = speech.pick(redirect.title);
  const venue = speech.pick(redirect.venue_name);
  const hall = speech.pick(redirect.hall_name);
  if (reason === "wrong_day") {
    return { lines: [speech.say("door.wrong_day.advice", { date: calendar.date(at, speech), time })], strong: title };
  }
  if (reason === "wrong_venue") {
    const { minutes } = redirect;
    const way = minutes
      ? speech.say("door.wrong_venue.advice", { venue, time, minutes })
      : speech.say("wrong_venue.no_minutes", { venue, time });
    return { lines: [way], strong: title };
  }
  if (redirect.hall === here) return lines(speech.say("wrong_time.advice", { title }));
  return lines(speech.say("door.wrong_screening.advice", { title, time, hall }));
}

/** @param {Scene} scene */
function tooEarly({ speech, calendar, screening, now }) {
  const opens = Date.parse(screening.doors_open);
  const sameDay = calendar.day(opens) === calendar.day(now);
  const time = sameDay ? calendar.time(opens) : `${calendar.date(opens, speech)}, ${calendar.time(opens)}`;
  const minutes = Math.ceil((opens - now) / 60_000);
  return {
    lines: [speech.say("door.too_early.advice", { time })],
    strong: minutes > 0 && minutes <= LONGEST_COUNTDOWN_MINUTES ? speech.say("minutes_left", { n: minutes }) : "",
  };
}
