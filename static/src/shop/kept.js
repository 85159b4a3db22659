// Copies of ticket pages that their owners asked for: one cache an order, with the page and what it is made of.
const PREFIX = "kept-order-";
const UNTIL = "x-kept-until";

/** @param {string} order its code */
export const cacheOf = (order) => PREFIX + order;

/**
 * Returns the page with the moment when its copy has to go, in milliseconds of the epoch.
 * @param {Response} page @param {number} until
 */
export async function stamped(page, until) {
  const headers = new Headers(page.headers);
  headers.set(UNTIL, String(until));
  return new Response(await page.blob(), { status: page.status, headers });
}

/** @param {Response} page */
export const untilOf = (page) => Number(page.headers.get(UNTIL));

/** Returns the names of the caches that hold orders. */
export async function keptCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

/** Forgets every copy whose day has come. Nothing can wake up for that alone, so whatever runs first does it. */
export async function purge(now = Date.now()) {
  for (const name of await keptCaches()) {
    const cache = await caches.open(name);
    const answers = await Promise.all((await cache.keys()).map((request) => cache.match(request)));
    const untils = answers.map((answer) => (answer ? untilOf(answer) : 0)).filter(Boolean);
    if (!untils.length || Math.max(...untils) <= now) await caches.delete(name);
  }
}
