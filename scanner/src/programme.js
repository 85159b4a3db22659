/** Which screenings an usher may choose from, and in which order. Pure. */

/** @typedef {import("./types.js").Screening} Screening */
/** @typedef {{day: string, at: number, screenings: Screening[]}} Day */

/**
 * The venue's screenings that have not ended, by local day, the soonest first.
 *
 * @param {Iterable<Screening>} screenings
 * @param {string | null} venue null: all venues
 * @param {number} now
 * @param {import("./times.js").Calendar} calendar
 * @returns {Day[]}
 */
export function daysAhead(screenings, venue, now, calendar) {
  const ahead = [...screenings]
    .filter((screening) => venue === null || screening.venue === venue)
    .filter((screening) => Date.parse(screening.ends_at) > now)
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at) || a.hall.localeCompare(b.hall));
  /** @type {Map<string, Day>} */
  const days = new Map();
  for (const screening of ahead) {
    const at = Date.parse(screening.starts_at);
    const day = calendar.day(at);
    const found = days.get(day) ?? { day, at, screenings: [] };
    found.screenings.push(screening);
    days.set(day, found);
  }
  return [...days.values()];
}

/**
 * The screening that the hall turns to next: its doors are open, and it begins after the chosen one. Null while
 * there is none, so that nobody is asked too soon.
 *
 * @param {Iterable<Screening>} screenings
 * @param {Screening} chosen
 * @param {string} hall where the phone stands
 * @param {number} now
 * @returns {Screening | null}
 */
export function nextInHall(screenings, chosen, hall, now) {
  const open = [...screenings].filter(
    ({ hall: its, status, starts_at, doors_open, doors_close }) =>
      its === hall &&
      status !== "cancelled" &&
      Date.parse(starts_at) > Date.parse(chosen.starts_at) &&
      Date.parse(doors_open) <= now &&
      now < Date.parse(doors_close),
  );
  return open.sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))[0] ?? null;
}
