// Pictures of numbers, as SVG: the last runs of a table, and its rows over time. Each says the same in words.

import { el } from "./dom.js";
import { took } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 6;
const HEIGHT = 30;
const BASE = 22;
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const NARROW = matchMedia("(max-width: 40rem)");
const NUMBER = new Intl.NumberFormat();

const MARKS = {
  failed: "M-2 -2L2 2M2 -2L-2 2",
  held: "M-1.5 -2.5V2.5M1.5 -2.5V2.5",
  unfinished: "M-2 0H2",
  compared: "M-2 -1H2M-2 1H2",
};

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function picture(width, height, words, ...children) {
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  return svg("svg", { ...size, role: "img", "aria-label": words, class: "picture" }, ...children);
}

/** "nightly run of 25 Nov 2026, 02:00: loaded in 3 min 20 s" */
export function runWords(run) {
  const time = run.seconds === null ? "" : ` in ${took(run.seconds)}`;
  return `${run.kind} run of ${MOMENT.format(new Date(run.at))}: ${run.outcome}${time}`;
}

// The kind is told apart by the bar's shape: wide, thin, or with a triangle on top as in Airflow's grid.
function bar(run, x, height) {
  const wide = run.kind === "quick" ? 1.5 : 4;
  const top = BASE - height;
  const shape = `M${x - wide / 2} ${BASE}V${top}H${x + wide / 2}V${BASE}Z`;
  const roof = run.kind === "forced" ? `M${x - 3} ${top - 1}L${x} ${top - 5}L${x + 3} ${top - 1}Z` : "";
  const group = svg("g", { class: `run ${run.outcome}` }, svg("title", {}, runWords(run)));
  group.append(svg("path", { d: shape + roof, class: "bar" }));
  if (MARKS[run.outcome]) {
    group.append(svg("path", { d: MARKS[run.outcome], transform: `translate(${x} 26.5)`, class: "mark" }));
  }
  return group;
}

function counted(runs) {
  const counts = new Map();
  for (const run of runs) counts.set(run.outcome, (counts.get(run.outcome) ?? 0) + 1);
  return [...counts].map(([outcome, number]) => `${number} ${outcome}`).join(", ");
}

/** The last runs, the oldest first: how long each took, what became of it, and why there was one. */
export function runsPicture(runs, table) {
  if (!runs.length) return el("span", { class: "quiet" }, "–");
  const longest = Math.max(...runs.map((run) => run.seconds ?? 0), 1);
  const bars = runs.map((run, at) => {
    const height = 3 + 13 * Math.sqrt((run.seconds ?? 0) / longest);
    return bar(run, STEP * at + STEP / 2, height);
  });
  const words = `Last ${runs.length} runs of ${table}: ${counted(runs)}. The last one: ${runWords(runs.at(-1))}.`;
  return picture(STEP * 30, HEIGHT, words, ...bars);
}

function path(points) {
  return points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

// A flat line lies in the middle; a difference of a few rows must not look like a cliff.
function scale(numbers, height, pad) {
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const room = Math.max(high - low, high * 0.02, 1);
  const middle = (low + high) / 2;
  return (value) => height / 2 - ((value - middle) / room) * (height - 2 * pad);
}

const trend = (first, last) => {
  if (first === last) return "unchanged";
  return `${last > first ? "up" : "down"} ${NUMBER.format(Math.abs(last - first))}`;
};

/** A line without axes, for a cell. */
export function sparkline(rows, table) {
  if (rows.length < 2) return el("span", { class: "quiet" }, "–");
  const y = scale(rows, 24, 3);
  const points = rows.map((value, at) => [2 + (96 * at) / (rows.length - 1), y(value)]);
  const words = `Rows of ${table} in the last 30 days: ${trend(rows[0], rows.at(-1))}`;
  const line = svg("path", { d: path(points), class: "line" });
  return picture(100, 24, words, svg("title", {}, words), line);
}

/** Rows over time with both axes. `points` have `at` and `live`, the oldest first. */
export function plot(points, table) {
  if (points.length < 2) return el("p", { class: "quiet" }, "The numbers of two days are needed for a plot.");
  const [width, height, left, bottom] = [NARROW.matches ? 320 : 640, 160, 70, 22];
  const numbers = points.map((one) => one.live);
  const times = points.map((one) => Date.parse(one.at));
  const y = scale(numbers, height - bottom, 10);
  const x = (time) => left + ((width - left - 8) * (time - times[0])) / (times.at(-1) - times[0] || 1);
  const line = path(points.map((one, at) => [x(times[at]), y(one.live)]));
  const text = (at, up, words, anchor) => svg("text", { x: at, y: up, "text-anchor": anchor }, words);
  const levels = [...new Set([Math.max(...numbers), Math.min(...numbers)])].flatMap((value) => [
    svg("path", { d: `M${left} ${y(value)}H${width - 8}`, class: "grid" }),
    text(left - 6, y(value) + 4, NUMBER.format(value), "end"),
  ]);
  const days = [
    text(left, height - 4, DAY.format(times[0]), "start"),
    text(width - 8, height - 4, DAY.format(times.at(-1)), "end"),
  ];
  const words =
    `Rows of ${table} from ${DAY.format(times[0])} to ${DAY.format(times.at(-1))}: ` +
    `${NUMBER.format(numbers[0])} at first, ${NUMBER.format(numbers.at(-1))} at last, ` +
    `between ${NUMBER.format(Math.min(...numbers))} and ${NUMBER.format(Math.max(...numbers))}.`;
  const drawn = picture(width, height, words, ...levels, svg("path", { d: line, class: "line" }), ...days);
  drawn.classList.add("plot");
  return drawn;
}

function sample(kind, outcome, words) {
  const run = { kind, outcome, seconds: 1, at: "2026-01-01T00:00:00Z" };
  const one = svg("svg", { width: 10, height: HEIGHT, viewBox: `0 0 10 ${HEIGHT}`, "aria-hidden": "true", class: "picture" });
  one.append(bar(run, 5, 12));
  return el("li", {}, one, words);
}

/** What the bars mean. */
export function legend() {
  return el(
    "section",
    { class: "legend", "aria-label": "Legend" },
    el("p", {}, "Each bar is a run, the newest at the right; the longer it took, the higher the bar."),
    el(
      "ul",
      {},
      sample("nightly", "loaded", "nightly"),
      sample("forced", "loaded", "forced"),
      sample("quick", "loaded", "quick"),
      sample("nightly", "failed", "failed"),
      sample("nightly", "held", "held"),
      sample("nightly", "unfinished", "not ended"),
      sample("forced", "compared", "dry run"),
    ),
  );
}
