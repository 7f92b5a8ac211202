// What is shown of a table when its line is opened: rows over time, rejected records, details, and the last runs.

import { get, of } from "./api.js";
import { runLink } from "./airflow.js";
import { button, el, plain, untrusted } from "./dom.js";
import { plot } from "./pictures.js";
import { moment } from "./time.js";
import { number, took } from "./words.js";

const COUNTS = ["fetched", "inserted", "updated", "unchanged", "duplicate", "rejected", "deleted"];

function part(title, ...children) {
  return el("section", { "aria-label": title }, el("h3", {}, title), ...children);
}

function rejects(answer) {
  if (!answer.rejects.length) return el("p", { class: "quiet" }, "The last runs rejected no record.");
  const more = answer.rejected - answer.rejects.length;
  const rows = answer.rejects.map((one) =>
    el(
      "tr",
      {},
      el("td", {}, one.key === null ? el("span", { class: "quiet" }, "no key") : untrusted(one.key)),
      el("td", {}, untrusted(one.reason, "span")),
    ),
  );
  const heads = el("tr", {}, el("th", { scope: "col" }, "Key at the PSA"), el("th", { scope: "col" }, "Reason"));
  const rest = more > 0 ? el("p", {}, `${more.toLocaleString()} more are in psa.sync_rejects.`) : null;
  return el("div", {}, el("table", { class: "plain" }, el("thead", {}, heads), el("tbody", {}, ...rows)), rest);
}

function details(found) {
  const parts = [];
  if (found.oldest_read_at) parts.push("The oldest were read ", moment(found.oldest_read_at), ". ");
  if (found.unread) parts.push(`Those of ${found.unread.toLocaleString()} records were never read. `);
  if (found.known_by) parts.push("At the pace of a day all are known by ", moment(found.known_by), ". ");
  const last = found.note ? untrusted(`In the last run: ${found.state}, ${found.note}`, "p") : null;
  return part("Details", el("p", {}, ...parts), last);
}

function runRow(psa, run) {
  const whose = run.company === null ? "" : ` of company ${plain(run.company)}`;
  const name = `${run.kind}${whose}`;
  const note = run.note ? el("tr", { class: "note" }, el("td", {}, ""), el("td", {}, untrusted(run.note, "p"))) : null;
  if (note) note.lastChild.colSpan = COUNTS.length + 4;
  const cells = [
    el("td", {}, runLink(psa.dag_id, run.run_id, moment(run.at))),
    el("td", {}, name),
    el("td", {}, el("span", { class: `state ${run.outcome}` }, run.outcome)),
    el("td", { class: "number" }, run.seconds === null ? "–" : took(run.seconds)),
    ...COUNTS.map((count) => el("td", { class: "number" }, number(run.counts[count]))),
    el("td", { class: "number" }, number(run.live)),
  ];
  return note ? [el("tr", {}, ...cells), note] : [el("tr", {}, ...cells)];
}

function runs(psa, answer) {
  const heads = ["Began", "Run", "Outcome", "Took", ...COUNTS, "rows"].map((head) => el("th", { scope: "col" }, head));
  const rows = answer.runs.flatMap((run) => runRow(psa, run));
  const table = el("table", { class: "plain" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
  return el("div", { class: "scroller", tabindex: "0", role: "group", "aria-label": "Last runs" }, table);
}

export class TablePanel {
  #psa;
  #table;
  #status = null;
  #version = "";
  #cell = el("td", { class: "panel" });

  constructor(psa, table, columns) {
    this.#psa = psa;
    this.#table = table;
    this.id = `panel-${psa.source}-${table}`;
    this.#cell.colSpan = columns;
    this.node = el("tr", { id: this.id, class: "opened", hidden: true }, this.#cell);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Called with each new status: an opened table is read again when a run has changed it. */
  update(status) {
    const version = JSON.stringify([status.runs, status.fresh_as_of]);
    const is_new = version !== this.#version;
    this.#version = version;
    this.#status = status;
    if (this.isOpen && is_new) this.#load();
  }

  toggle(opener) {
    this.node.hidden = this.isOpen;
    opener.setAttribute("aria-expanded", String(this.isOpen));
    if (this.isOpen) this.#load();
  }

  async #load() {
    this.#cell.setAttribute("aria-busy", "true");
    try {
      this.#show(await get(of(this.#psa, encodeURIComponent(this.#table))));
    } catch (problem) {
      const again = button("Try again", () => this.#load());
      this.#cell.replaceChildren(el("p", { role: "alert" }, problem.message), again);
    }
    this.#cell.removeAttribute("aria-busy");
  }

  #show(answer) {
    this.#cell.replaceChildren(
      part("Rows over time", plot(answer.rows, this.#table)),
      part("Rejected records", rejects(answer)),
      ...(this.#status.details ? [details(this.#status.details)] : []),
      part("Last runs", runs(this.#psa, answer)),
    );
  }
}
