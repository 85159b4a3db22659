// The service worker of orders' pages. It keeps nothing by itself: it only finds what "keep on this phone" has put away
// (shop/keep.js). It lives below /<language>/orders/ and never takes over pages that are open.
import { cacheOf, purge, stamped, untilOf } from "./shop/kept.js";

/** @typedef {Event & { request: Request, respondWith(answer: Promise<Response>): void, waitUntil(work: Promise<unknown>): void }} Asked */
const PATIENCE_MS = 3000;
const BUILT = /\/static\/dist\/[\w./-]+/g;
// The page says until when it may be kept: a screening may have been moved, or exchanged for a later one.
const UNTIL = /data-until="([^"]+)"/;
const PAGE = /^\/(?:kk|ru|en)\/orders\/([A-Z0-9]{3}-[A-Z0-9]{4})(\/tickets)?$/;

self.addEventListener("fetch", (event) => {
  const asked = /** @type {Asked} */ (event);
  const { request } = asked;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  const page = PAGE.exec(url.pathname);
  if (request.mode === "navigate" && page) {
    asked.waitUntil(purge());
    asked.respondWith(navigated(asked, url, cacheOf(page[1] ?? ""), Boolean(page[2])));
  } else if (url.pathname.startsWith("/static/dist/") || request.destination === "image") {
    asked.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

/**
 * The network first, as long as one waits at a door: a ticket may have been returned. Then the copy, if its day has not come.
 * @param {Asked} asked @param {URL} url @param {string} name @param {boolean} isTickets
 */
async function navigated(asked, url, name, isTickets) {
  const path = isTickets ? url.pathname : `${url.pathname}/tickets`;
  const kept = await copyOf(name, path);
  const answer = fetch(asked.request);
  if (!kept) return answer;
  try {
    const fresh = await Promise.race([answer, late()]);
    if (isTickets) asked.waitUntil(renew(name, path, fresh.clone()));
    return fresh;
  } catch {
    answer.catch(() => undefined);
    // The order's own page is not kept; its tickets are, and the link in the mail leads to it.
    return isTickets ? kept : Response.redirect(path);
  }
}

/** @param {string} name @param {string} path */
async function copyOf(name, path) {
  if (!(await caches.has(name))) return undefined;
  const kept = await (await caches.open(name)).match(path);
  if (!kept || untilOf(kept) > Date.now()) return kept;
  await caches.delete(name);
  return undefined;
}

/**
 * Keeps the newest page with what it is made of by now; an order without valid tickets, or one that may no longer be seen,
 * leaves nothing behind.
 * @param {string} name @param {string} path @param {Response} fresh
 */
async function renew(name, path, fresh) {
  if (fresh.type === "opaqueredirect" || fresh.status === 404) await caches.delete(name);
  if (!fresh.ok) return;
  const html = await fresh.clone().text();
  const page = await stamped(fresh, Date.parse(UNTIL.exec(html)?.[1] ?? ""));
  const cache = await caches.open(name);
  for (const built of new Set(html.match(BUILT))) {
    if (!(await cache.match(built))) await cache.add(built);
  }
  await cache.put(path, page);
}

/** @returns {Promise<Response>} */
function late() {
  return new Promise((_, refuse) => setTimeout(() => refuse(new Error("too slow")), PATIENCE_MS));
}
