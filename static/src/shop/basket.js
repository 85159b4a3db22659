import { moneyText } from "./money.js";

/** Adds up while kinds of ticket are chosen; the button that asks the server to is not needed then. */
export function startBasket() {
  const form = document.querySelector("form[data-basket]");
  if (!(form instanceof HTMLFormElement)) return;
  const total = form.querySelector("[data-total]");
  const update = form.querySelector("[data-update]");
  if (!total || !(update instanceof HTMLElement)) return;
  update.hidden = true;
  const gratis = total.textContent ?? "";
  let leaving = new AbortController();
  form.addEventListener("change", () => {
    let minor = 0;
    for (const select of form.querySelectorAll("select")) {
      minor += Number(select.selectedOptions[0]?.dataset["price"] ?? 0);
    }
    total.textContent = minor ? moneyText(minor, form.dataset["currency"] ?? "") : gratis;
    leaving.abort();
    leaving = new AbortController();
    void keep(form, leaving.signal);
  });
  // What the form itself sends is newer.
  form.addEventListener("submit", () => leaving.abort());
}

/**
 * Tells the server what is chosen, so that it is still chosen after a look at another page.
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
async function keep(form, signal) {
  const body = new FormData(form);
  body.set("act", "update");
  try {
    await fetch(form.action, { method: "POST", body, redirect: "manual", signal });
  } catch {
    // The button that goes on sends the choice again.
  }
}
