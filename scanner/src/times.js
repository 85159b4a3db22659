/** Times and dates as the festival's place has them, in the usher's language. */

/** @typedef {import("./words/index.js").Speech} Speech */

export class Calendar {
  /** @param {string} zone IANA name */
  constructor(zone) {
    this.zone = zone;
    // Numbers only: not every phone's browser knows the Kazakh names of months and days.
    this.parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  }

  /** @param {number} at milliseconds since 1970 */
  #read(at) {
    const found = new Map(this.parts.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      year: Number(found.get("year")),
      month: Number(found.get("month")),
      day: Number(found.get("day")),
      time: `${found.get("hour")}:${found.get("minute")}`,
    };
  }

  /**
   * The time of day, 24 hours: `19:30`.
   *
   * @param {number} at
   */
  time(at) {
    return this.#read(at).time;
  }

  /**
   * The local date as ISO text, for comparing.
   *
   * @param {number} at
   */
  day(at) {
    const { year, month, day } = this.#read(at);
    return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  }

  /**
   * `25 November`, with a no-break space.
   *
   * @param {number} at
   * @param {Speech} speech
   */
  date(at, speech) {
    const { day, month } = this.#read(at);
    return `${day}\u00a0${speech.item("months", month - 1)}`;
  }

  /**
   * `Monday, 25 November`; small in Kazakh and Russian, as inside a line.
   *
   * @param {number} at
   * @param {Speech} speech
   */
  weekdayAndDate(at, speech) {
    const { year, month, day } = this.#read(at);
    const weekday = speech.item("weekdays", new Date(Date.UTC(year, month - 1, day)).getUTCDay());
    return speech.say("date.weekday", { weekday, day, month: speech.item("months", month - 1) });
  }

  /**
   * The day of the month and the month's name, apart: the date is the monument.
   *
   * @param {number} at
   * @param {Speech} speech
   */
  monument(at, speech) {
    const { day, month } = this.#read(at);
    return { day: String(day), month: speech.item("months", month - 1) };
  }
}

/**
 * The text with a capital, as at the start of a line.
 *
 * @param {string} text
 */
export function capitalised(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
