// The open ticket: a panel beside the list, or the whole screen where there is no room for both.

import { of, post } from "./api.js";
import { Banner } from "./banner.js";
import { added, many, Marks } from "./changes.js";
import { announce, arrange, button, el, foreign, Kept, named, plain, unseen } from "./dom.js";
import { body, Entries, files } from "./entries.js";
import { icon } from "./icons.js";
import { outOf, priorityOf, statusOf } from "./list.js";
import { Live } from "./live.js";
import { fetched } from "./look.js";
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
    ...sentences.map((words) => el("p", {}, icon("warning"), words)),
  );
}

const section = (title, nodes) => el("section", {}, el("h3", {}, title), ...nodes);

export class TicketPanel {
  #psa = null;
  #key = "";
  #answer = null;
  #marks = new Marks();
  #entries = new Entries();
  #kept = new Kept();
  #content = el("div", { class: "content" });
  #foot = el("p", { class: "foot" });

  /** `close` is called when a person is done with the ticket. */
  constructor(root, close) {
    this.root = root;
    this.live = new Live((signal) => this.#ask(signal), this);
    this.banner = new Banner({ due: () => this.live.due, again: () => this.live.look() });
    this.number = el("span", { class: "number" });
    this.tags = el("span", { class: "tags" });
    this.link = el("span", { class: "outward" });
    const shut = button(icon("close"), close, {
      class: "button square plain",
      "aria-label": "Close the ticket",
      title: "Close (Esc)",
    });
    this.heading = el("h2", { id: "ticket-title", tabindex: "-1" });
    const bar = el("div", { class: "bar" }, this.number, this.tags, this.link, shut);
    root.replaceChildren(bar, this.banner.node, this.#content, this.#foot);
  }

  /** Opens a ticket, at once with what the list knows of it. */
  open(psa, key, known) {
    if (psa === this.#psa && key === this.#key) return;
    this.known = known;
    this.#psa = psa;
    this.#key = key;
    this.#answer = null;
    this.#marks.clear();
    this.#entries = new Entries();
    this.#kept = new Kept();
    this.banner.hide();
    this.#foot.replaceChildren();
    this.root.hidden = false;
    this.#head(known);
    this.#content.replaceChildren(
      ...(known ? [this.heading, facts(known, null, psa)] : []),
      skeleton(5, "The ticket is being fetched."),
    );
    this.#content.scrollTop = 0;
    this.live.start();
  }

  focus() {
    (this.heading.isConnected ? this.heading : this.root.querySelector("button")).focus();
  }

  close() {
    this.live.stop();
    this.#key = "";
    this.root.hidden = true;
  }

  #ask(signal) {
    return post(of(this.#psa, "ticket"), { key: this.#key }, signal);
  }

  #head(ticket) {
    this.number.replaceChildren(...(ticket ? [foreign(ticket.number)] : []));
    this.tags.replaceChildren(...(ticket ? [statusOf(ticket), priorityOf(ticket)] : []));
    const link = ticket && outOf(ticket, this.#psa, { class: "button" }, icon("out"), `Open in ${this.#psa.title}`);
    this.link.replaceChildren(...(link ? [link] : []));
    const summary = ticket?.summary ? foreign(ticket.summary) : el("span", { class: "quiet" }, "No summary");
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
    arrange(this.#content, this.#kept.draw((keep) => this.#parts(keep)).filter(Boolean));
  }

  #parts(keep) {
    const psa = this.#psa;
    const { ticket, description, site, assets, entries, attachments, missing: lacking, cut } = this.#answer;
    return [
      this.heading,
      keep("facts", [ticket, site, assets], () => facts(ticket, this.#answer, psa)),
      keep("missing", lacking, () => missing(lacking)),
      // At some PSAs the request is the first note.
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
    return el("div", {}, el("h3", {}, "Notes and time", unseen(","), tally, count > 3 && latest), none);
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
