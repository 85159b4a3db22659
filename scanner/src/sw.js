/**
 * The scanner's service worker: it keeps the page's own files, so that the page opens without a network. It never
 * touches the API.
 *
 * Each file is kept under its address and the hash of its content. So two versions never see each other's files and
 * share what is the same in both, a download that broke off goes on where it stopped, and a version is either there
 * as a whole or is not installed. The list is part of this file: another list is another version.
 */
import { TAKE_OVER } from "./take-over.js";

/**
 * @typedef {object} File
 * @property {string} url
 * @property {string} kept the address under which it is kept
 * @property {string} integrity
 *
 * @typedef {object} Route
 * @property {{urlPattern: string}} condition
 * @property {"network"} source
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
/** Of the cache, and of the lock between those who fill it and those who empty it. */
const KEPT = "kassa-scanner";
const HERE = new URL("./", location.href);

/** @type {Map<string, File>} by path */
const FILES = new Map(
  SHELL.map(({ path, integrity }) => {
    const { href, pathname } = new URL(path, HERE);
    return [pathname, { url: href, kept: `${href}?${encodeURIComponent(integrity)}`, integrity }];
  }),
);
const PAGES = [HERE.pathname, `${HERE.pathname}index.html`];

worker.addEventListener("install", (event) => {
  event.waitUntil(navigator.locks.request(KEPT, complete));
  // Where browsers know how, calls of the API do not even wake this worker.
  const { addRoutes } = /** @type {{addRoutes?: (route: Route) => Promise<void>}} */ (/** @type {unknown} */ (event));
  addRoutes?.call(event, { condition: { urlPattern: "/api/*" }, source: "network" }).catch(() => undefined);
});

worker.addEventListener("activate", (event) => {
  // Whoever holds the lock is downloading the next version: then that one will sweep.
  const sweeping = navigator.locks.request(KEPT, { ifAvailable: true }, async (lock) => lock && sweep());
  event.waitUntil(sweeping.then(() => worker.clients.claim()));
});

worker.addEventListener("message", (event) => {
  if (event.data === TAKE_OVER) event.waitUntil(worker.skipWaiting());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  const file = FILES.get(pathname);
  if (request.mode === "navigate" && PAGES.includes(pathname)) event.respondWith(page(event));
  else if (file) event.respondWith(keptOf(file).then((kept) => kept ?? fetch(request)));
});

/**
 * The page as it is kept. What a browser has thrown away is downloaded again; if the server no longer has it, this
 * version gives way to the server's instead of mixing with it.
 *
 * It does so by leaving before the page opens: the browser, sent to the same address again, then finds no worker and
 * asks the server, whose page brings its own version as on a first visit. A successor called in beside this worker
 * would have to wait until it rests, and the requests of the opening page keep it from that, or wake it anew.
 *
 * @param {FetchEvent} event
 */
async function page(event) {
  try {
    await complete();
  } catch {
    const fresh = await fetch(event.request).catch(() => null);
    const again = () => Response.redirect(event.request.url);
    if (fresh?.ok) return worker.registration.unregister().then(again, () => fresh);
  }
  const file = FILES.get(HERE.pathname);
  return (file && (await keptOf(file))) ?? Response.error();
}

/** Downloads what is not kept yet. Rejects when a file does not come, or is not the one in the list. */
async function complete() {
  const cache = await caches.open(KEPT);
  const there = new Set((await cache.keys()).map(({ url }) => url));
  const missing = [...FILES.values()].filter(({ kept }) => !there.has(kept));
  const put = missing.map(async (file) => cache.put(file.kept, await downloaded(file)));
  // All of them, so that those which came are kept for the next try.
  const failed = (await Promise.allSettled(put)).find(({ status }) => status === "rejected");
  if (failed) throw new Error("not all files came");
}

/** @param {File} file */
async function downloaded({ url, integrity }) {
  const ask = (/** @type {RequestCache} */ cache) =>
    fetch(url, { cache, integrity, credentials: "omit", redirect: "error" });
  // The second time past the browser's own copy, which may be the one that is wrong.
  const answer = await ask("no-cache").catch(() => ask("reload"));
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer;
}

/** Throws away the files of other versions, unless one of those is about to come. */
async function sweep() {
  const { installing, waiting } = worker.registration;
  if (installing || waiting) return;
  const mine = new Set([...FILES.values()].map(({ kept }) => kept));
  const cache = await caches.open(KEPT);
  const others = (await cache.keys()).filter(({ url }) => !mine.has(url));
  await Promise.all(others.map((other) => cache.delete(other)));
}

/** @param {File} file */
async function keptOf({ kept }) {
  return (await caches.open(KEPT)).match(kept);
}
