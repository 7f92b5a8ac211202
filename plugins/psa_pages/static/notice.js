// Shown in place of an answer: when nothing was found, nothing may be seen, or nothing has arrived yet.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";

/** `actions` are pairs of a button's label and its function. */
export function notice({ iconName, title, text = [], actions = [] }) {
  const buttons = actions.map(([label, act]) => button(label, act, { class: "button solid" }));
  return el(
    "div",
    { class: "notice" },
    icon(iconName),
    el("h2", {}, title),
    ...[text].flat().map((line) => el("p", {}, line)),
    buttons.length ? el("div", { class: "actions" }, ...buttons) : null,
  );
}

/** Gray bars in place of rows while the first answer is awaited. */
export function skeleton(rows, text) {
  const bars = Array.from({ length: rows }, () => el("div", { class: "bone" }));
  return el("div", { class: "skeleton" }, el("span", { class: "visually-hidden" }, text), ...bars);
}
