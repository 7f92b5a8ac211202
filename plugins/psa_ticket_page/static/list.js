// The list of tickets: a table on wide screens, cards on narrow ones (list.css decides).

import { arrange, el, untrusted, NodeCache, named, plain, hiddenText } from "./dom.js";
import { icon } from "./icons.js";
import { outward } from "./outward.js";
import { linkTo } from "./state.js";
import { ago } from "./time.js";

// From how many characters on a number needs more room.
const ROOM = { wide: 10, wider: 16 };

/** The priority with its colour in the PSA. */
export function priorityOf(ticket) {
  if (!ticket.priority?.name && !ticket.priority?.key) return named(null);
  const dot = el("span", { class: "dot", "aria-hidden": "true" });
  if (CSS.supports("color", ticket.priority.color ?? "")) dot.style.setProperty("--dot", ticket.priority.color);
  return el("span", { class: "priority" }, dot, named(ticket.priority));
}

export function statusOf(ticket) {
  if (!ticket.status?.name && !ticket.status?.key) return named(null);
  const closed = ticket.is_closed === true;
  const attributes = { class: closed ? "badge closed" : "badge" };
  return el("span", attributes, named(ticket.status), closed && hiddenText(" (closed)"));
}

export const outOf = (ticket, psa, attributes, ...text) =>
  ticket.url ? outward(ticket.url, { title: `Open in ${psa.title}`, ...attributes }, ...text) : null;

function columns(psa) {
  return [
    ["number", "Number"],
    ["summary", "Summary"],
    ["company", "Company, contact"],
    ["status", `Status, ${psa.board.toLowerCase()}`],
    ["priority", "Priority"],
    ["owner", "Owner"],
    ["updated", "Updated, age"],
    ["out", el("span", { class: "visually-hidden" }, `In ${psa.title}`)],
  ];
}

const part = (mark, field, ...children) => {
  const changed = mark?.fields.has(field);
  return el("div", { class: changed ? "part changed" : "part" }, ...children, changed && hiddenText(" (changed)"));
};

// Shown in cards only: the table has column headers.
const label = (text) => el("span", { class: "label" }, text);

function link(ticket) {
  const text = ticket.summary ? untrusted(ticket.summary) : el("span", { class: "quiet" }, "No summary");
  const a = el("a", { class: "summary-link", "data-open": ticket.key, dir: "auto" }, text);
  a.href = linkTo({ ticket: ticket.key });
  return a;
}

function cells(ticket, mark, psa) {
  return {
    number: [untrusted(ticket.number, "bdi", { class: "number" }), mark?.isNew && el("span", { class: "new" }, "New")],
    summary: [part(mark, "summary", link(ticket))],
    company: [part(mark, "company", named(ticket.company)), part(mark, "contact", named(ticket.contact))],
    status: [part(mark, "status", statusOf(ticket)), part(mark, "board", named(ticket.board))],
    priority: [part(mark, "priority", priorityOf(ticket))],
    owner: [part(mark, "owner", named(ticket.owner))],
    updated: [
      part(mark, "updated_at", label("Updated "), ago(ticket.updated_at)),
      part(mark, "created_at", label("Opened "), ago(ticket.created_at)),
    ],
    out: [
      outOf(
        ticket,
        psa,
        { class: "icon-link", "aria-label": `Open ${plain(ticket.number, 40)} in ${psa.title}` },
        icon("out"),
      ),
    ],
  };
}

function row(ticket, mark, psa, isOpen) {
  const content = cells(ticket, mark, psa);
  const attributes = { role: "row", class: mark?.isNew ? "row fresh" : "row", "data-key": ticket.key };
  return el(
    "tr",
    { ...attributes, "aria-current": isOpen ? "true" : null },
    ...columns(psa).map(([name]) =>
      el("td", { role: "cell", class: `cell ${name}` }, ...content[name].filter(Boolean)),
    ),
  );
}

export class TicketList {
  #nodes = new NodeCache();
  #body = el("tbody", { role: "rowgroup" });
  #psa = null;
  #table = null;

  /** `open` is called with the key of the ticket that the viewer chose. */
  constructor(open) {
    this.#body.addEventListener("click", (event) => this.#click(event, open));
    this.#body.addEventListener("keydown", (event) => this.#move(event));
  }

  table(psa) {
    if (psa === this.#psa) return this.#table;
    this.#psa = psa;
    this.#nodes = new NodeCache();
    const heads = columns(psa).map(([name, text]) =>
      el("th", { role: "columnheader", scope: "col", class: name }, text),
    );
    const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads));
    const attributes = { role: "table", class: "list", "aria-label": `Tickets of ${psa.title}` };
    this.#table = el("table", attributes, head, this.#body);
    return this.#table;
  }

  show(tickets, marks, openKey) {
    const focused = document.activeElement?.closest("tr")?.dataset.key;
    const rows = this.#nodes.draw((keep) =>
      tickets.map((ticket) => this.#row(keep, ticket, marks.of(ticket.key), ticket.key === openKey)),
    );
    arrange(this.#body, rows);
    const longest = Math.max(0, ...tickets.map(({ number }) => number?.length ?? 0));
    for (const [name, characters] of Object.entries(ROOM))
      this.#table.classList.toggle(name, longest >= characters);
    if (focused && !this.#body.contains(document.activeElement)) this.focus(focused);
  }

  // The row's link contains the filters, so a row is drawn again when they change.
  #row(keep, ticket, mark, isOpen) {
    const data = [ticket, mark?.isNew, [...(mark?.fields ?? [])], isOpen, linkTo({ ticket: "" })];
    return keep(ticket.key, data, () => row(ticket, mark, this.#psa, isOpen));
  }

  #links() {
    return [...this.#body.querySelectorAll("[data-open]")];
  }

  focus(key) {
    const link = this.#links().find((one) => one.dataset.open === key);
    link?.focus();
    return Boolean(link);
  }

  #click(event, open) {
    const key = event.target.closest("tr")?.dataset.key;
    const selecting = String(getSelection()) !== "" && !event.target.closest("[data-open]");
    if (!key || selecting || event.target.closest(".icon-link")) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(key);
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("[data-open]")) return;
    const links = this.#links();
    const next = links[links.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}
