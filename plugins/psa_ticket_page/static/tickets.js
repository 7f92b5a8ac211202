// The list's part of the page: asks, shows, marks what changed, and keeps what is shown through trouble.

import { of, post } from "./api.js";
import { Banner } from "./banner.js";
import { compare, inWords, Marks } from "./changes.js";
import { announce, arrange, el } from "./dom.js";
import { TicketList } from "./list.js";
import { Live } from "./live.js";
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
  #asked = "";
  #answer = null;
  #marks = new Marks();
  #stage = el("div", { class: "stage" });
  #pager = new Pager();

  constructor(root, look) {
    this.root = root;
    this.look = look;
    this.list = new TicketList((ticket) => go({ ticket }));
    this.live = new Live((signal) => this.#ask(signal), this);
    this.banner = new Banner({ due: () => this.live.due, again: () => this.live.look() });
  }

  /** Nothing is asked any more. */
  stop() {
    this.live.stop();
    this.#asked = "";
  }

  #ask(signal) {
    return post(of(this.#psa, "tickets"), question(state()), signal);
  }

  /** The ticket as the list knows it. */
  known(key) {
    return this.#answer?.tickets.find((ticket) => ticket.key === key);
  }

  /** Asks when the question is another one, else only draws. */
  show(psa) {
    this.live.every = state().every;
    const asked = JSON.stringify([psa.source, question(state())]);
    if (asked === this.#asked) return this.#draw();
    this.root.replaceChildren(this.banner.node, this.#stage);
    if (psa !== this.#psa) this.#stage.replaceChildren(skeleton(9, `Tickets of ${psa.title} are being fetched.`));
    this.#psa = psa;
    this.#asked = asked;
    this.#answer = null;
    this.#marks.clear();
    this.#pager.wait();
    this.banner.hide();
    this.look.forget();
    // The rows of the last question stay, dimmed, until those of this one are here.
    this.#stage.classList.add("passing");
    this.live.start();
  }

  asking(is) {
    this.root.setAttribute("aria-busy", String(is));
    this.look.asking(is);
  }

  answered(answer) {
    setClock(answer);
    this.banner.recovered();
    const isFirst = this.#answer === null;
    if (!isFirst) this.#mark(answer);
    this.#answer = answer;
    this.look.answered(answer, this.#psa);
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
    const words = inWords(marks);
    if (words) announce(words);
  }

  failed(problem) {
    this.banner.show(problem, this.#answer?.fetched_at);
    if (this.#answer) this.#stage.classList.add("old");
    else
      this.#put([
        notice({
          sign: "none",
          title: "No tickets to show yet",
          words: "They appear here as soon as the question is answered.",
        }),
      ]);
    this.look.failed();
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
        sign: "none",
        title: "Nothing more",
        words: "The list ended before this page.",
        actions: [["First page", () => go({ pages: [] })]],
      });
    }
    if (filtered()) {
      return notice({
        sign: "none",
        title: "No tickets match",
        words: "Nothing passes all of the filters at this moment.",
        actions: [["Clear filters", clearFilters]],
      });
    }
    const all = () => filterBy({ state: "all" });
    return notice({
      sign: "none",
      title: "No open tickets",
      words: `Nobody waits in ${this.#psa.title} at this moment.`,
      actions: [["Show closed ones too", all]],
    });
  }

  tick() {
    this.banner.tick();
    if (this.#marks.expire()) this.#draw();
  }
}
