import { moneyText } from "./money.js";

/** Adds up what comes back of the chosen tickets; the server works it out again and compares. */
export function startGiveBack() {
  const form = document.querySelector("form[data-giveback]");
  if (!(form instanceof HTMLFormElement)) return;
  const boxes = [...form.querySelectorAll("input[name=ticket]:not(:disabled)")].filter((box) => box instanceof HTMLInputElement);
  const amount = form.querySelector("input[name=amount]");

  /** @param {string} selector @param {number} minor */
  const write = (selector, minor) => {
    const place = form.querySelector(selector);
    if (place) place.textContent = moneyText(minor, form.dataset.currency ?? "");
  };
  const show = () => {
    let [worth, kept] = [0, 0];
    for (const box of boxes) {
      if (!box.checked) continue;
      worth += Number(box.dataset.price);
      kept += Number(box.dataset.fee);
    }
    write("[data-worth]", worth);
    write("[data-kept]", kept);
    write("[data-back]", worth - kept);
    if (amount instanceof HTMLInputElement) amount.value = String(worth - kept);
    const button = form.querySelector("button");
    if (button) button.disabled = !boxes.some((box) => box.checked);
  };
  form.addEventListener("change", show);
  // The browser puts back what was ticked before; the sums must follow.
  addEventListener("pageshow", show);
}
