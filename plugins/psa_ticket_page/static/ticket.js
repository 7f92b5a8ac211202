// The open ticket: a panel beside the list, or the whole screen on narrow ones.

import { of, post } from "./api.js";
import { Banner } from "./banner.js";
import { added, many, Marks } from "./changes.js";
import { announce, arrange, button, el, untrusted, NodeCache, named, plain, hiddenText } from "./dom.js";
import { body, Entries, files } from "./entries.js";
import { icon } from "./icons.js";
import { outOf, priorityOf, statusOf } from "./list.js";
import { Poller } from "./poller.js";
import { fetched } from "./live_controls.js";
import { skeleton } from "./notice.js";
import { ago, moment, setClock } from "./time.js";

const fact = (label, ...values) => [el("dt", {}, label), el("dd", {}, ...values)];

function facts(ticket, detail, psa) {
  const assets = detail?.assets ?? [];
  const rows = [
    ...fact("Company", named(ticket.company)),
    ...fact("Contact", named(ticket.contact)),
    ...(detail ? fact("Site", named(detail.site)) : []),
    ...fact(psa.board, named(ticket.board)),
    ...fact("Owner", named(ticket.owner)),
    ...fact("Opened", moment(ticket.created_at), " · ", ago(ticket.created_at)),
    ...fact("Updated", moment(ticket.updated_at), " · ", ago(ticket.updated_at)),
    ...(assets.length
      ? fact("Assets", el("ul", { class: "assets" }, ...assets.map((one) => el("li", {}, named(one)))))
      : []),
  ];
  return el("dl", { class: "facts" }, ...rows);
}

function missing(sentences) {
  if (!sentences.length) return null;
  return el(
    "div",
    { class: "missing", role: "note" },
    ...sentences.map((text) => el("p", {}, icon("warning"), text)),
  );
}

const section = (title, nodes) => el("section", {}, el("h3", {}, title), ...nodes);

export class TicketPanel {
  #psa = null;
  #key = "";
  #answer = null;
  #marks = new Marks();
  #entries = new Entries();
  #nodes = new NodeCache();
  #content = el("div", { class: "content" });
  #foot = el("p", { class: "foot" });

  /** `close` is called when the viewer closes the ticket. */
  constructor(root, close) {
    this.root = root;
    this.poller = new Poller((signal) => this.#ask(signal), this);
    this.banner = new Banner({ due: () => this.poller.due, retry: () => this.poller.poll() });
    this.number = el("span", { class: "number" });
    this.tags = el("span", { class: "tags" });
    this.link = el("span", { class: "outward" });
    const closeButton = button(icon("close"), close, {
      class: "button square plain",
      "aria-label": "Close the ticket",
      title: "Close (Esc)",
    });
    this.heading = el("h2", { id: "ticket-title", tabindex: "-1" });
    const bar = el("div", { class: "bar" }, this.number, this.tags, this.link, closeButton);
    root.replaceChildren(bar, this.banner.node, this.#content, this.#foot);
  }

  /** Opens a ticket; until it is fetched, the fields of its row in the list are shown. */
  open(psa, key, known) {
    if (psa === this.#psa && key === this.#key) return;
    this.known = known;
    this.#psa = psa;
    this.#key = key;
    this.#answer = null;
    this.#marks.clear();
    this.#entries = new Entries();
    this.#nodes = new NodeCache();
    this.banner.hide();
    this.#foot.replaceChildren();
    this.root.hidden = false;
    this.#head(known);
    this.#content.replaceChildren(
      ...(known ? [this.heading, facts(known, null, psa)] : []),
      skeleton(5, "The ticket is being fetched."),
    );
    this.#content.scrollTop = 0;
    this.poller.start();
  }

  focus() {
    (this.heading.isConnected ? this.heading : this.root.querySelector("button")).focus();
  }

  close() {
    this.poller.stop();
    this.#key = "";
    this.root.hidden = true;
  }

  #ask(signal) {
    return post(of(this.#psa, "ticket"), { key: this.#key }, signal);
  }

  #head(ticket) {
    this.number.replaceChildren(...(ticket ? [untrusted(ticket.number)] : []));
    this.tags.replaceChildren(...(ticket ? [statusOf(ticket), priorityOf(ticket)] : []));
    const link = ticket && outOf(ticket, this.#psa, { class: "button" }, icon("out"), `Open in ${this.#psa.title}`);
    this.link.replaceChildren(...(link ? [link] : []));
    const summary = ticket?.summary ? untrusted(ticket.summary) : el("span", { class: "quiet" }, "No summary");
    this.heading.replaceChildren(...(ticket ? [summary] : []));
    this.root.setAttribute("aria-label", ticket ? `Ticket ${plain(ticket.number, 40)}` : "Ticket");
  }

  asking(is) {
    this.root.setAttribute("aria-busy", String(is));
  }

  answered(answer) {
    setClock(answer);
    this.banner.recovered();
    if (this.#answer) this.#mark(this.#answer, answer);
    this.#answer = answer;
    this.#draw();
    this.#foot.replaceChildren(...fetched(answer, this.#psa));
  }

  #mark(before, answer) {
    const fresh = added(before.entries, answer.entries);
    this.#marks.add(fresh);
    if (fresh.size) announce(`${many(fresh.size, "new entry", "new entries")} on the open ticket`);
  }

  #draw() {
    const { ticket } = this.#answer;
    this.#head(ticket);
    arrange(this.#content, this.#nodes.draw((keep) => this.#parts(keep)).filter(Boolean));
  }

  #parts(keep) {
    const psa = this.#psa;
    const { ticket, description, site, assets, entries, attachments, missing: unread, cut } = this.#answer;
    return [
      this.heading,
      keep("facts", [ticket, site, assets], () => facts(ticket, this.#answer, psa)),
      keep("missing", unread, () => missing(unread)),
      // Some PSAs have no description: the first note is the request.
      description &&
        keep("description", [description, cut], () => section("Description", body(description, cut, psa))),
      attachments.length > 0 && keep("files", attachments, () => section("Attachments", [files(attachments)])),
      keep("title", entries.length, () => this.#entriesTitle(entries.length)),
      entries.length > 0 && this.#entries.show(entries, psa, this.#marks),
    ];
  }

  #entriesTitle(count) {
    const tally = el("span", { class: "tally" }, String(count));
    const latest = button("Jump to the latest", () => this.#jump(), { class: "button plain small" });
    const none = count ? null : el("p", { class: "quiet" }, "No notes and no time entries yet.");
    return el("div", {}, el("h3", {}, "Notes and time", hiddenText(","), tally, count > 3 && latest), none);
  }

  #jump() {
    this.#entries.node.lastElementChild?.scrollIntoView({ block: "end" });
  }

  failed(problem) {
    this.banner.show(problem, this.#answer?.fetched_at);
    if (this.#answer) return;
    const { known } = this;
    this.#content.replaceChildren(...(known ? [this.heading, facts(known, null, this.#psa)] : []));
  }

  tick() {
    this.banner.tick();
    if (this.#answer && this.#marks.expire()) this.#draw();
  }
}
