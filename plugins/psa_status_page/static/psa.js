// The section of a PSA: when it runs next, what its last run took, and a line for each of its tables.

import { button, el } from "./dom.js";
import { runsPicture, sparkline } from "./pictures.js";
import { TablePanel } from "./table.js";
import { ago, moment } from "./time.js";
import { changes, number } from "./words.js";

const COLUMNS = {
  name: "Table",
  age: "Fresh as of",
  rows: "Rows",
  trend: "30 days",
  last: "Last full run",
  rejected: "Rejected",
  runs: "Last runs",
};
const NOT_IN_USE = "Not in use: its DAG is paused, and nothing was ever synced.";
const STATES = { fresh: "fresh", late: "too old", never: "never", failed: "failed", held: "held" };

function facts(psa) {
  const lines = [];
  if (psa.running_since) lines.push(el("span", {}, "A run is under way since ", moment(psa.running_since)));
  lines.push(...psa.progress);
  if (psa.paused) lines.push("The DAG is paused");
  else lines.push(psa.next_run_at ? el("span", {}, "Next run ", moment(psa.next_run_at)) : "No run is scheduled");
  if (psa.budget) lines.push(psa.budget);
  lines.push(`Too old after ${psa.limit_hours.toLocaleString()} h`);
  if (psa.remark) lines.push(psa.remark);
  return el("ul", { class: "facts" }, ...lines.map((line) => el("li", {}, line)));
}

function lastRun(table) {
  if (!table.last) return el("span", { class: "quiet" }, "–");
  const { last } = table;
  const words = last.outcome === "loaded" ? changes(last.counts) : last.outcome;
  return el("span", { title: last.note ?? null }, `${words} `, el("span", { class: "quiet" }, last.kind));
}

function cell(name, ...children) {
  return el("td", { class: `cell ${name}`, "data-label": COLUMNS[name] }, ...children);
}

/** A section that keeps its opened tables when the status is shown again. */
export class PsaSection {
  #root = el("section", { class: "psa" });
  #panels = new Map();
  #version = "";

  constructor(psa) {
    this.#root.setAttribute("aria-label", psa.title);
  }

  /** The section's node, with the status as it is now. */
  show(psa) {
    const version = JSON.stringify(psa);
    if (version === this.#version) return this.#root;
    this.#version = version;
    const focused = this.#root.contains(document.activeElement) ? document.activeElement.dataset.table : null;
    const content = psa.in_use ? [facts(psa), this.#tables(psa)] : [el("p", { class: "facts" }, NOT_IN_USE)];
    this.#root.replaceChildren(el("h2", {}, psa.title), ...content);
    if (focused) this.#root.querySelector(`[data-table="${focused}"]`)?.focus();
    return this.#root;
  }

  #tables(psa) {
    const heads = Object.entries(COLUMNS).map(([name, head]) => el("th", { scope: "col", class: `col-${name}` }, head));
    const lines = psa.tables.flatMap((table) => this.#lines(psa, table));
    return el("table", { class: "tables" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines));
  }

  #panel(psa, table) {
    const columns = Object.keys(COLUMNS).length;
    if (!this.#panels.has(table.name)) this.#panels.set(table.name, new TablePanel(psa, table.name, columns));
    return this.#panels.get(table.name);
  }

  #lines(psa, table) {
    const panel = this.#panel(psa, table);
    const open = button(table.name, () => panel.toggle(open), {
      class: "open",
      "data-table": table.name,
      "aria-expanded": String(panel.isOpen),
      "aria-controls": panel.id,
    });
    const age = table.fresh_as_of ? ago(table.fresh_as_of) : null;
    const state = el("span", { class: `state ${table.state}` }, STATES[table.state]);
    const rejected = table.last?.counts.rejected;
    const line = el(
      "tr",
      { class: `line ${table.state}` },
      el("th", { scope: "row", class: "cell name" }, open),
      cell("age", state, age),
      cell("rows", number(table.rows.at(-1) ?? table.last?.live)),
      cell("trend", sparkline(table.rows, table.name)),
      cell("last", lastRun(table)),
      cell("rejected", number(rejected)),
      cell("runs", runsPicture(table.runs, table.name)),
    );
    panel.update(table);
    return [line, panel.node];
  }
}

