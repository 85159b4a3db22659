// The style page's silhouettes, drawn by the scanner's own code. Without script the colours and words stand alone.
import { shape } from "../../scanner/src/shapes.js";

/** @typedef {import("../../scanner/src/card.js").Tone} Tone */

for (const card of document.querySelectorAll("[data-tone]")) {
  if (card instanceof HTMLElement) card.prepend(shape(/** @type {Tone} */ (card.dataset.tone)));
}
