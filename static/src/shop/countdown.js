const CIRCUMFERENCE = 2 * Math.PI * 9;
const TICK_MS = 1000;
// When it is said how many minutes are left: early enough to finish, and seldom enough not to be in the way.
const SPOKEN_MINUTES = [5, 2, 1];

/** Counts down calmly where the server wrote for how long seats are kept. */
export function startCountdowns() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    if (element instanceof HTMLElement) start(element);
  }
}

/** @param {HTMLElement} element */
function start(element) {
  const { countdown, whole, text = "{}", ended = "" } = element.dataset;
  const label = element.querySelector("span");
  const ring = element.querySelector("circle + circle");
  if (!label || !ring) return;
  // The page's own clock: the reader's may be wrong by hours.
  const end = performance.now() + Number(countdown) * 1000;
  const spoken = element.nextElementSibling;
  let left = Number(countdown);
  const [before = "", after = ""] = text.split("{}");
  const figure = document.createElement("b");
  figure.className = "num";
  label.replaceChildren(before, figure, after);

  const show = () => {
    const passed = left;
    left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    figure.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const part = Math.min(1, left / Number(whole)) * CIRCUMFERENCE;
    ring.setAttribute("stroke-dasharray", `${part.toFixed(1)} ${CIRCUMFERENCE.toFixed(1)}`);
    if (!(spoken instanceof HTMLElement)) return;
    // The last of the moments that have come since: a page that slept says one thing.
    const minutes = SPOKEN_MINUTES.findLast((n) => left <= n * 60 && passed > n * 60);
    if (minutes) spoken.textContent = spoken.dataset[`say${minutes}`] ?? "";
    if (left === 0) {
      clearInterval(timer);
      label.textContent = ended;
      spoken.textContent = ended;
    }
  };
  const timer = setInterval(show, TICK_MS);
  show();
}
