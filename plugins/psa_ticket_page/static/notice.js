// What stands where tickets would: nothing found, nothing to see, nothing yet.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";

/** `actions` are pairs of words and what they do. */
export function notice({ sign, title, words = [], actions = [] }) {
  const buttons = actions.map(([label, act]) => button(label, act, { class: "button solid" }));
  return el(
    "div",
    { class: "notice" },
    icon(sign),
    el("h2", {}, title),
    ...[words].flat().map((line) => el("p", {}, line)),
    buttons.length ? el("div", { class: "actions" }, ...buttons) : null,
  );
}

/** Shapes of rows, for the first time that something is asked for. */
export function skeleton(rows, words) {
  const bars = Array.from({ length: rows }, () => el("div", { class: "bone" }));
  return el("div", { class: "skeleton" }, el("span", { class: "unseen" }, words), ...bars);
}
