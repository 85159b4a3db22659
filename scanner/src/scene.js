/**
 * What a card may refer to; null while no screening is chosen or known.
 *
 * @param {Pick<import("./app.js").App, "store" | "speech" | "calendar" | "clock">} app
 * @returns {import("./card.js").Scene | null}
 */
export function sceneOf({ store, speech, calendar, clock }) {
  const { choice, device, syncedAt } = store.state;
  const { screening } = store;
  if (!choice || !screening) return null;
  return {
    speech,
    calendar,
    now: clock.now(),
    screening,
    hall: choice.hall,
    device: device?.device ?? "",
    minutesSinceSync: Math.floor(clock.age(syncedAt) / 60_000),
  };
}
