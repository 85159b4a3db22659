import { drawing } from "./dom.js";

/** The silhouettes: each tone is known by its outline alone. Paths in a box of 200. */

/** @typedef {import("./card.js").Tone} Tone */

const SOFT = { fill: "currentColor", opacity: 0.17 };
const STROKE = { fill: "none", stroke: "currentColor", "stroke-width": 26 };

/** @type {Record<Tone, Record<string, string | number>[]>} */
const SHAPES = {
  ok: [
    { d: "M100 4a96 96 0 0 1 0 192a96 96 0 0 1 0-192z", ...SOFT },
    { d: "M48 104l36 38 70-82", ...STROKE },
  ],
  no: [
    { d: "M60 4h80l56 56v80l-56 56H60L4 140V60z", ...SOFT },
    { d: "M56 56l88 88M144 56l-88 88", ...STROKE },
  ],
  go: [
    { d: "M4 40h110V4l82 96-82 96v-36H4z", ...SOFT },
    { d: "M34 100h110M100 50l52 50-52 50", ...STROKE },
  ],
  att: [
    { d: "M100 8l96 176H4z", ...SOFT },
    { d: "M100 66v64M100 144v24", ...STROKE },
  ],
};

// A clock at the lower right of a silhouette: known, but not from the last sync.
const CLOCK = [
  { d: "M160 126a34 34 0 0 1 0 68a34 34 0 0 1 0-68z", ...STROKE, "stroke-width": 11 },
  { d: "M160 141v20l13 9", ...STROKE, "stroke-width": 9 },
];

/**
 * @param {Tone} tone
 * @param {boolean} [clock]
 */
export function shape(tone, clock = false) {
  return drawing("shape", "0 0 200 200", clock ? [...SHAPES[tone], ...CLOCK] : SHAPES[tone]);
}

/** The tick beside the last admission. */
export function tick() {
  return drawing("last__tick", "0 0 24 24", [
    { d: "M4 12.5l5 5L20 6", fill: "none", stroke: "currentColor", "stroke-width": 3.5 },
  ]);
}

/** The crossed-out waves of "no network". */
export function noNetwork() {
  return drawing("strip__icon", "0 0 24 24", [
    {
      d: "M3 3l18 18M5 10a11 11 0 0 1 5-2.5M19 10a11 11 0 0 0-3-2M8.5 14a5 5 0 0 1 5-1M12 19h.1",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2.5,
      "stroke-linecap": "round",
    },
  ]);
}
