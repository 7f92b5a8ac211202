// The list of tickets: fetches it, marks what changed, and keeps showing the last answer when a fetch fails.

import { of, post } from "./api.js";
import { Banner } from "./banner.js";
import { compare, summary, Marks } from "./changes.js";
import { announce, arrange, el } from "./dom.js";
import { TicketList } from "./list.js";
import { Poller } from "./poller.js";
import { notice, skeleton } from "./notice.js";
import { Pager } from "./pager.js";
import { clearFilters, filterBy, filtered, go, state } from "./state.js";
import { setClock } from "./time.js";

function question({ board, status, priority, company, owner, state: which, q, pages }) {
  const filter = { board, status, priority, company, owner };
  const chosen = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, value || null]));
  return { ...chosen, state: which, text: q, page: pages.at(-1) ?? "" };
}

export class Tickets {
  #psa = null;
  #question = "";
  #answer = null;
  #marks = new Marks();
  #stage = el("div", { class: "stage" });
  #pager = new Pager();

  constructor(root, controls) {
    this.root = root;
    this.controls = controls;
    this.list = new TicketList((ticket) => go({ ticket }));
    this.poller = new Poller((signal) => this.#ask(signal), this);
    this.banner = new Banner({ due: () => this.poller.due, retry: () => this.poller.poll() });
  }

  /** Stops polling. */
  stop() {
    this.poller.stop();
    this.#question = "";
  }

  #ask(signal) {
    return post(of(this.#psa, "tickets"), question(state()), signal);
  }

  /** The ticket's row in the list, if it is there. */
  known(key) {
    return this.#answer?.tickets.find((ticket) => ticket.key === key);
  }

  /** Fetches when the question has changed, else only draws. */
  show(psa) {
    this.poller.every = state().every;
    const asking = JSON.stringify([psa.source, question(state())]);
    if (asking === this.#question) return this.#draw();
    this.root.replaceChildren(this.banner.node, this.#stage);
    if (psa !== this.#psa) this.#stage.replaceChildren(skeleton(9, `Tickets of ${psa.title} are being fetched.`));
    this.#psa = psa;
    this.#question = asking;
    this.#answer = null;
    this.#marks.clear();
    this.#pager.reset();
    this.banner.hide();
    this.controls.clear();
    // The rows of the last question stay, dimmed, until those of this one have arrived.
    this.#stage.classList.add("passing");
    this.poller.start();
  }

  asking(is) {
    this.root.setAttribute("aria-busy", String(is));
    this.controls.asking(is);
  }

  answered(answer) {
    setClock(answer);
    this.banner.recovered();
    const isFirst = this.#answer === null;
    if (!isFirst) this.#mark(answer);
    this.#answer = answer;
    this.controls.answered(answer, this.#psa);
    this.#draw();
    if (isFirst) this.#arrived(answer);
  }

  #arrived({ tickets }) {
    this.root.scrollTop = 0;
    announce(tickets.length ? `${tickets.length} tickets, page ${state().pages.length + 1}` : "No tickets match");
  }

  #mark(answer) {
    const marks = compare(this.#answer, answer, { isFirst: !state().pages.length });
    this.#marks.add(marks);
    const text = summary(marks);
    if (text) announce(text);
  }

  failed(problem) {
    this.banner.show(problem, this.#answer?.fetched_at);
    if (this.#answer) this.#stage.classList.add("old");
    else
      this.#put([
        notice({
          iconName: "empty",
          title: "No tickets to show yet",
          text: "They appear here as soon as the PSA answers.",
        }),
      ]);
    this.controls.failed();
  }

  #put(nodes) {
    this.#stage.classList.remove("passing", "old");
    arrange(this.#stage, nodes);
  }

  #draw() {
    if (!this.#answer) return;
    const failing = !this.banner.node.hidden;
    if (!this.#answer.tickets.length)
      this.#put(state().pages.length ? [this.#nothing(), this.#paged()] : [this.#nothing()]);
    else {
      this.#put([this.list.table(this.#psa), this.#paged()]);
      this.list.show(this.#answer.tickets, this.#marks, state().ticket);
    }
    this.#stage.classList.toggle("old", failing);
  }

  #paged() {
    this.#pager.show(this.#answer, this.#psa);
    return this.#pager.node;
  }

  #nothing() {
    if (state().pages.length) {
      return notice({
        iconName: "empty",
        title: "Nothing more",
        text: "The list ended before this page.",
        actions: [["First page", () => go({ pages: [] })]],
      });
    }
    if (filtered()) {
      return notice({
        iconName: "empty",
        title: "No tickets match",
        text: "No ticket passes all of the filters at this moment.",
        actions: [["Clear filters", clearFilters]],
      });
    }
    const all = () => filterBy({ state: "all" });
    return notice({
      iconName: "empty",
      title: "No open tickets",
      text: `${this.#psa.title} has no open tickets at this moment.`,
      actions: [["Show closed ones too", all]],
    });
  }

  tick() {
    this.banner.tick();
    if (this.#marks.expire()) this.#draw();
  }
}
