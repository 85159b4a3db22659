import { cacheOf, keptCaches, purge, stamped } from "./kept.js";

/**
 * Keeps an order's tickets on the phone when their owner taps "keep", and only then. The page says no-store, for every cache
 * that nobody asked; this copy is the owner's own wish, in words beside the button, and goes a day after the last screening.
 */
export function startKeep() {
  if (!("caches" in window) || !("serviceWorker" in navigator)) return;
  void purge();
  const part = document.querySelector("[data-keep]");
  if (!(part instanceof HTMLElement)) return;
  const { keep: order = "", until = "", worker = "" } = part.dataset;
  const name = cacheOf(order);

  /** @param {"keep" | "kept" | "failed"} state */
  const show = (state) => {
    for (const element of part.querySelectorAll("[data-when]")) {
      if (element instanceof HTMLElement) element.hidden = element.dataset.when !== state;
    }
    part.hidden = false;
  };
  const on = (/** @type {string} */ button, /** @type {() => Promise<void>} */ deed) =>
    part.querySelector(button)?.addEventListener("click", () => void deed());

  on("[data-do=keep]", async () => {
    try {
      const page = await fetch(location.pathname);
      if (!page.ok || page.redirected) throw new Error("no tickets here");
      const cache = await caches.open(name);
      await cache.addAll(assets());
      await cache.put(location.pathname, await stamped(page, Date.parse(until)));
      await navigator.serviceWorker.register(worker);
      show("kept");
    } catch {
      // No room, no network, or a browser that keeps nothing: half a copy is worse than none.
      await caches.delete(name);
      show("failed");
    }
  });
  on("[data-do=remove]", async () => {
    await caches.delete(name);
    if (!(await keptCaches()).length) {
      const registration = await navigator.serviceWorker.getRegistration(worker);
      await registration?.unregister();
    }
    show("keep");
  });
  void caches.has(name).then((kept) => show(kept ? "kept" : "keep"));
}

/** Returns what this page was made of: built files, whose names change with their contents, and the icon. */
function assets() {
  const linked = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], link[rel=preload], script[src]")];
  const named = linked.map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? "");
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name));
  const built = loaded.filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/dist/"));
  return [...new Set([...named, ...built.map((url) => url.pathname)])];
}
