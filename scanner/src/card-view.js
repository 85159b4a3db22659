import { h } from "./dom.js";
import { softly } from "./hyphens.js";
import { shape } from "./shapes.js";

/** @typedef {import("./card.js").Action} Action */

/** @type {Record<Action, import("./words/index.js").Key>} */
const LABELS = {
  next: "action.next_viewer",
  type: "action.type_code",
  card_seen: "action.card_seen",
  no_card: "action.no_card",
  sync: "action.sync_now",
  reload: "update.reload",
  retry: "network.retry",
  choose: "menu.change",
  override: "action.supervisor",
  end_practice: "practice.end",
};

/**
 * The verdict, over the whole screen below the bar.
 *
 * @param {import("./card.js").Card} card
 * @param {import("./words/index.js").Speech} speech
 * @param {(action: Action) => void} act
 */
export function cardView(card, speech, act) {
  const clears = card.actions.length === 0;
  const buttons = card.actions.map((action, i) =>
    h(
      "button",
      { type: "button", class: i === 0 ? "btn" : "btn btn--ghost", onclick: () => act(action) },
      speech.say(LABELS[action]),
    ),
  );
  return h(
    "section",
    { class: `verdict verdict--${card.tone}`, "aria-label": card.title, "data-reason": card.reason, tabindex: -1 },
    shape(card.tone, card.reason === "ok_unlisted"),
    h("h2", { class: "verdict__word", "aria-label": card.title }, softly(card.title)),
    h(
      "div",
      { class: "verdict__rest" },
      card.big.length > 0 && h("p", { class: "verdict__big" }, ...card.big.map(figure)),
      ...card.lines.map((line) => h("p", { class: "verdict__sub" }, line)),
      card.strong && h("p", { class: "verdict__sub" }, h("b", {}, card.strong)),
      clears
        ? h("button", { type: "button", class: "verdict__next", onclick: () => act("next") }, speech.say("door.ok.advice"))
        : h("div", { class: "verdict__act" }, ...buttons),
    ),
  );
}

/** @param {import("./card.js").Figure} figure */
function figure({ text, label, unit }) {
  return h(
    "span",
    { class: text.length > 5 ? "figure figure--long" : "figure" },
    label && h("span", { class: "figure__label" }, `${label} `),
    text,
    unit && h("small", {}, ` ${unit}`),
  );
}

/**
 * What a screen reader is told.
 *
 * @param {import("./card.js").Card} card
 */
export function spoken(card) {
  const figures = card.big.map(({ text, label, unit }) => [label, text, unit].filter(Boolean).join(" "));
  return [card.title, ...figures, ...card.lines, card.strong].filter(Boolean).join(". ");
}
