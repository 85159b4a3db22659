import { moneyText } from "./money.js";

/** Shows how many seats are chosen and what they cost at full price; brings the middle of the hall into view. */
export function startSeats() {
  const form = document.querySelector("form[data-seats]");
  if (!(form instanceof HTMLFormElement)) return;
  const sum = form.querySelector("[data-sum]");
  const count = form.querySelector("[data-count]");
  const total = form.querySelector("[data-total]");
  if (!(sum instanceof HTMLElement) || !(count instanceof HTMLElement) || !total) return;
  /** @type {Map<string, number>} full prices by the class of a band */
  const prices = new Map();
  for (const band of form.querySelectorAll("[data-price]")) {
    if (band instanceof HTMLElement) prices.set(`band-${band.dataset["band"]}`, Number(band.dataset["price"]));
  }
  const text = count.dataset["count"] ?? "{}";
  const most = Number(form.dataset["most"]);

  /** @param {Element} box */
  const priceOf = (box) => {
    for (const name of box.parentElement?.classList ?? []) if (prices.has(name)) return prices.get(name) ?? 0;
    return 0;
  };
  const show = () => {
    const chosen = [...form.querySelectorAll('input[name="place"]:checked')];
    const minor = chosen.reduce((all, box) => all + priceOf(box), 0);
    sum.hidden = chosen.length === 0;
    count.textContent = text.replace("{}", chosen.length > most ? `${chosen.length} / ${most}` : String(chosen.length));
    total.textContent = minor ? moneyText(minor, form.dataset["currency"] ?? "") : "";
  };
  form.addEventListener("change", show);
  // A page that comes back from the browser's memory has its boxes checked without an event.
  addEventListener("pageshow", show);
  show();
  centre(form.querySelector(".rows"));
}

/** @param {Element | null} rows */
function centre(rows) {
  if (rows) rows.scrollLeft = (rows.scrollWidth - rows.clientWidth) / 2;
}
