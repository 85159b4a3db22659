/** Marks screenings for the plan without leaving the page, and shares a plan; both work without it, less smoothly. */
export function startPlanner() {
  const form = document.querySelector("form#plan");
  // On the plan's own page a change moves everything around it: there the form is sent as it is.
  if (form instanceof HTMLFormElement && !form.closest(".planner")) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!(button instanceof HTMLButtonElement) || form.hasAttribute("data-plain")) return;
      event.preventDefault();
      void send(form, button);
    });
  }
  const share = document.querySelector("[data-share]");
  if (share instanceof HTMLButtonElement) startShare(share);
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function send(form, button) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const body = new FormData(form);
  body.set(button.name, button.value);
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(String(response.status));
    const { marked } = await response.json();
    show(form, button, marked);
  } catch {
    // The page that comes says what is the matter.
    form.setAttribute("data-plain", "");
    form.requestSubmit(button);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement} button @param {string[]} marked */
function show(form, button, marked) {
  const isIn = marked.includes(button.value);
  button.name = isIn ? "remove" : "add";
  button.classList.toggle("is-in", isIn);
  const [label, title] = button.querySelectorAll("span");
  if (label) label.textContent = form.dataset[isIn ? "in" : "add"] ?? "";
  const said = (form.dataset[isIn ? "added" : "removed"] ?? "{}").replace("{}", () => title?.textContent ?? "");
  const status = form.querySelector("[role=status]");
  if (status) status.textContent = said;
  const count = document.querySelector("[data-plan-count]");
  if (count) count.textContent = marked.length ? String(marked.length) : "";
}

/** @param {HTMLButtonElement} button */
function startShare(button) {
  const url = button.dataset["share"] ?? "";
  if (!("share" in navigator) && !("clipboard" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if ("share" in navigator) await navigator.share({ title: document.title, url });
      else {
        await /** @type {Navigator} */ (navigator).clipboard.writeText(url);
        button.textContent = button.dataset["done"] ?? "";
      }
    } catch {
      // Whoever changes her mind needs no word; the address stands above.
    }
  });
}
