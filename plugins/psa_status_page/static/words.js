// Numbers and durations as text.

import { el } from "./dom.js";

const NUMBER = new Intl.NumberFormat();

/** 12,345, or a dash. */
export const number = (value) =>
  Number.isFinite(value) ? NUMBER.format(value) : el("span", { class: "quiet" }, "–");

/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min */
export function took(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** "+12 −3 ~40": rows that a run inserted, marked deleted and updated. */
export function changes(counts) {
  const { inserted, updated, deleted } = counts;
  if (![inserted, updated, deleted].every(Number.isFinite)) return "–";
  if (!inserted && !updated && !deleted) return "no change";
  const parts = [
    [inserted, "+", "new"],
    [updated, "~", "changed"],
    [deleted, "−", "deleted"],
  ];
  return parts
    .filter(([count]) => count)
    .map(([count, , word]) => `${NUMBER.format(count)} ${word}`)
    .join(", ");
}
