const CIRCUMFERENCE = 2 * Math.PI * 9;
const TICK_MS = 1000;

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
  const [before = "", after = ""] = text.split("{}");
  const figure = document.createElement("b");
  figure.className = "num";
  label.replaceChildren(before, figure, after);

  const show = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    figure.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const part = Math.min(1, left / Number(whole)) * CIRCUMFERENCE;
    ring.setAttribute("stroke-dasharray", `${part.toFixed(1)} ${CIRCUMFERENCE.toFixed(1)}`);
    if (left === 0) {
      clearInterval(timer);
      label.textContent = ended;
      label.setAttribute("role", "status");
    }
  };
  const timer = setInterval(show, TICK_MS);
  show();
}
