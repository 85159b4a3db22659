const EVERY_MS = 20_000;

/** Looks from time to time how many places are free. */
export function startFreeCount() {
  const element = document.querySelector("[data-free]");
  if (!(element instanceof HTMLElement)) return;
  setInterval(() => {
    if (document.visibilityState === "visible") void look(element);
  }, EVERY_MS);
}

/** @param {HTMLElement} element */
async function look(element) {
  try {
    const response = await fetch(element.dataset["free"] ?? "", { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const screening = await response.json();
    element.textContent = (element.dataset["text"] ?? "{}").replace("{}", String(screening.places.free));
  } catch {
    // Without a connection the last number stands; the server decides anyway.
  }
}
