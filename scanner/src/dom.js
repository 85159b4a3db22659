/** Making and finding elements; text is always text, never markup. */

/** @typedef {Node | string | null | false | undefined} Child */

/**
 * Makes an element. Properties that begin with `on` are listeners; `true` sets an empty attribute, and
 * `false`, `null` and `undefined` leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  fill(element, ...children);
  return element;
}

/**
 * Replaces what an element holds.
 *
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(.../** @type {(Node | string)[]} */ (children.filter((child) => child || child === "")));
}

/**
 * Writes a text that is not there already: to write it once more would have the page laid out anew.
 *
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A drawing of paths in the given view box; decoration, so hidden from readers.
 *
 * @param {string} className
 * @param {string} viewBox
 * @param {Record<string, string | number>[]} paths attributes of each path
 */
export function drawing(className, viewBox, paths) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  for (const attributes of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, String(value));
    svg.append(path);
  }
  return svg;
}

/**
 * An element of the page's own document, which is there.
 *
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Redraws an element only when its signature changes, so that a button is not replaced under a finger.
 *
 * @param {Element} element
 * @returns {(signature: string, make: () => Child[]) => void}
 */
export function redrawer(element) {
  let drawn = "";
  return (signature, make) => {
    if (signature === drawn) return;
    drawn = signature;
    fill(element, ...make());
  };
}
