const EVERY_MS = 4000;

/** Looks every few seconds how many places of an unnumbered hall are free, and offers no more than that. */
export function startFreeCount() {
  const element = document.querySelector("[data-free]");
  if (!(element instanceof HTMLElement) || !element.dataset["free"]) return;
  let tag = "";
  setInterval(async () => {
    if (document.visibilityState === "visible") tag = await look(element, tag);
  }, EVERY_MS);
}

/** @param {HTMLElement} element @param {string} tag @returns {Promise<string>} the answer's tag */
async function look(element, tag) {
  try {
    const response = await fetch(element.dataset["free"] ?? "", { cache: "no-store", headers: { "If-None-Match": tag } });
    if (response.status !== 200) return tag;
    const { count } = await response.json();
    element.textContent = (element.dataset["text"] ?? "{}").replace("{}", String(count));
    for (const box of document.querySelectorAll('.number input[name="quantity"]')) {
      if (box instanceof HTMLInputElement) box.disabled = Number(box.value) > count;
    }
    return response.headers.get("ETag") ?? tag;
  } catch {
    // Without a connection the last number stands; the server decides anyway.
    return tag;
  }
}
