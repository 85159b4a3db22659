// The staff pages' keys and sums. Everything here only helps: each page works without it.

import { startStaffHall } from "./desk/hall/hall.js";
import { MINOR_PER_MAJOR, feeOf, moneyText } from "./desk/sums.js";

const TYPING = new Set(["INPUT", "SELECT", "TEXTAREA"]);

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
function one(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`no ${selector}`);
  return found;
}

/** @param {HTMLFormElement} form */
function keepSum(form) {
  const picks = [...document.querySelectorAll("input[name=ticket]")].filter((box) => box instanceof HTMLInputElement);
  const open = picks.filter((box) => !box.disabled);
  const every = one(form, "[data-every]", HTMLInputElement);
  const fee = one(form, "#fee", HTMLInputElement);
  const lateNote = form.querySelector("[data-late-note]");

  /** @param {boolean} byHand */
  function show(byHand) {
    const chosen = open.filter((box) => box.checked);
    every.checked = chosen.length === open.length;
    const worth = chosen.reduce((sum, box) => sum + Number(box.dataset.minor), 0);
    const policy = chosen.reduce((sum, box) => sum + Number(box.dataset.fee), 0);
    const kept = feeOf(fee.value, policy);
    const amount = kept === null ? null : Math.max(worth - kept, 0);
    one(form, "[data-worth]", HTMLElement).textContent = moneyText(worth);
    one(form, "[data-amount]", HTMLElement).textContent = amount === null ? "?" : moneyText(amount);
    const stays = one(form, "[data-stays]", HTMLElement);
    stays.textContent = moneyText(Number(stays.dataset.stays) - worth);
    one(form, "[data-none]", HTMLElement).hidden = chosen.length > 0;
    one(form, "[name=amount]", HTMLInputElement).value = amount === null || !chosen.length ? "" : String(amount);
    fee.placeholder = String(policy / MINOR_PER_MAJOR);
    fee.setAttribute("aria-invalid", String(amount === null));
    const label = one(form, "[data-button]", HTMLElement);
    label.textContent = (form.dataset.label ?? "").replace("{amount}", moneyText(amount ?? 0));
    one(form, "button", HTMLButtonElement).disabled = !chosen.length || amount === null;
    if (lateNote instanceof HTMLElement) lateNote.hidden = !chosen.some((box) => "late" in box.dataset);
    if (byHand) form.querySelector("[role=alert]")?.remove();
  }

  every.addEventListener("change", () => {
    for (const box of open) box.checked = every.checked;
    show(true);
  });
  for (const box of open) box.addEventListener("change", () => show(true));
  fee.addEventListener("input", () => show(true));
  // A second click while the first is on its way would only wait for the same answer.
  form.addEventListener("submit", () => one(form, "button", HTMLButtonElement).setAttribute("aria-disabled", "true"));
  show(false);
  // The browser puts back what was ticked before; the sum must follow.
  addEventListener("pageshow", () => show(false));
}

/** @param {number} step */
function moveChoice(step) {
  const links = [...document.querySelectorAll("table[data-arrows] a, ol[data-arrows] a[data-stop]")].filter((link) => link instanceof HTMLElement);
  const search = document.getElementById("search");
  const at = links.findIndex((link) => link === document.activeElement);
  const from = at >= 0 ? at : document.activeElement === search ? -1 : links.findIndex((link) => link.hasAttribute("aria-current"));
  const next = from + step;
  if (next < 0) search?.focus();
  else links[Math.min(next, links.length - 1)]?.focus();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  const refund = document.getElementById("refund");
  const typing = TYPING.has(target.tagName) && target.getAttribute("type") !== "checkbox";
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && refund instanceof HTMLFormElement) {
    const button = one(refund, "button", HTMLButtonElement);
    if (!button.disabled && !button.hasAttribute("aria-disabled")) refund.requestSubmit(button);
  } else if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (target.id === "search" ? event.key === "ArrowDown" : !typing && event.key.startsWith("Arrow")) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    moveChoice(event.key === "ArrowDown" ? 1 : -1);
  } else if (!typing && event.key === "/") {
    const search = document.getElementById("search");
    if (!(search instanceof HTMLInputElement)) return;
    search.focus();
    search.select();
  } else if (!typing && event.code === "KeyR" && refund) {
    // The physical key: it is the same under a Cyrillic layout.
    const first = document.querySelector("input[name=ticket]:not(:disabled)");
    if (!(first instanceof HTMLElement)) return;
    first.focus();
  } else {
    return;
  }
  event.preventDefault();
}

/** @param {HTMLElement} main */
async function reloadWhenChanged(main) {
  const seconds = Number(main.dataset.reload);
  if (!seconds) return;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (fresh instanceof HTMLElement && fresh.dataset.reload !== main.dataset.reload) {
      main.replaceWith(fresh);
      return;
    }
  }
  await reloadWhenChanged(main);
}

/** Fetches a page of the wall anew, again and again; when the server is away what was shown stays, and says so.
 * @param {HTMLElement} main */
async function renew(main) {
  const seconds = Number(main.dataset.renew);
  if (!seconds) return;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const answer = await fetch(location.href).catch(() => null);
  const text = answer?.ok && !answer.redirected ? await answer.text() : "";
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  main.classList.toggle("is-stale", !fresh);
  if (fresh instanceof HTMLElement) main.replaceChildren(...fresh.childNodes);
  await renew(main);
}

const refundForm = document.getElementById("refund");
if (refundForm instanceof HTMLFormElement) keepSum(refundForm);
const main = document.getElementById("main");
if (main) {
  void reloadWhenChanged(main);
  void renew(main);
}
// On a phone the row of pages is longer than the screen.
document.querySelector(".sbar__pages [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
addEventListener("keydown", onKey);
startStaffHall();

const printing = document.querySelector("[data-print]");
if (printing instanceof HTMLElement) {
  printing.hidden = false;
  printing.addEventListener("click", () => print());
}
