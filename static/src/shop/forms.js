const AGAIN_MS = 8000;

/** Keeps a form from being sent twice by an impatient finger, and leads to what is wrong with it. */
export function startForms() {
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.hasAttribute("data-sent")) {
        event.preventDefault();
        return;
      }
      form.setAttribute("data-sent", "");
      setTimeout(() => form.removeAttribute("data-sent"), AGAIN_MS);
    });
  }
  const faults = document.querySelector("[data-focus]");
  if (faults instanceof HTMLElement) faults.focus();
}
