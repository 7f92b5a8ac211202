// Times as text: in the viewer's time zone, UTC on hover, ages by the server's clock.

import { el } from "./dom.js";

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const UNITS = [
  [60, "s"],
  [60, "min"],
  [24, "h"],
  [7, "d"],
  [52, "wk"],
  [Infinity, "yr"],
];

// A laptop's clock may be minutes off, so ages use the server's.
let ahead = 0;

/** An answer has its fetch time and its age: together they give the server's time. */
export function setClock({ fetched_at: fetchedAt, age_seconds: ageSeconds }) {
  const now = Date.parse(fetchedAt) + 1000 * ageSeconds;
  if (Number.isFinite(now)) ahead = now - Date.now();
}

const serverNow = () => Date.now() + ahead;

export function span(seconds) {
  let amount = Math.max(0, seconds);
  for (const [size, unit] of UNITS) {
    if (amount < size) return `${Math.floor(amount)} ${unit}`;
    amount /= size;
  }
  return "";
}

function age(iso) {
  const seconds = (serverNow() - Date.parse(iso)) / 1000;
  return seconds < 60 ? "now" : span(seconds);
}

const utc = (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;

function stamp(iso, text, title, attributes = {}) {
  const date = new Date(iso ?? NaN);
  if (Number.isNaN(date.getTime())) return el("span", { class: "quiet" }, "–");
  return el("time", { datetime: date.toISOString(), title: title(date), ...attributes }, text(date));
}

/** 14:03:22 */
export const clock = (iso) => stamp(iso, (date) => CLOCK.format(date), utc);

/** 22 Nov 2026, 14:03 */
export const moment = (iso) => stamp(iso, (date) => MOMENT.format(date), utc);

/** 3 h; updated every second. */
export const ago = (iso) =>
  stamp(
    iso,
    () => age(iso),
    (date) => `${MOMENT.format(date)} · ${utc(date)}`,
    { "data-ago": true },
  );

/** Updates the ages on the page. */
export function tick(root) {
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const text = age(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
}
