// Pages by the vendor's cursors. The address has the cursors of all pages so far, so Previous works after a reload.

import { button, el } from "./dom.js";
import { icon } from "./icons.js";
import { go, state } from "./state.js";

function counted({ tickets, total, next }, pages) {
  const known = Number.isFinite(total) ? ` of ${total.toLocaleString()}` : "";
  const end = !next && pages.length ? " · end of the list" : "";
  return ` · ${tickets.length}${known} ticket${(total ?? tickets.length) === 1 ? "" : "s"}${end}`;
}

// Not `disabled`, which would take the focus from the button.
const enable = (node, is) => node.setAttribute("aria-disabled", String(!is));

export class Pager {
  #next = null;
  #page = el("span", { "aria-current": "page" });
  #count = el("span");
  #remarks = el("div", { class: "remarks" });

  constructor() {
    this.previous = button([icon("back"), "Previous"], () =>
      this.#turn(state().pages.length, state().pages.slice(0, -1)),
    );
    this.following = button(["Next", icon("forward")], () => this.#turn(this.#next, [...state().pages, this.#next]));
    const where = el("p", { class: "where" }, this.#page, this.#count);
    this.node = el(
      "nav",
      { class: "pager", "aria-label": "Pages" },
      where,
      this.previous,
      this.following,
      this.#remarks,
    );
  }

  #turn(possible, pages) {
    if (possible) go({ pages });
  }

  show(answer, psa) {
    const { pages } = state();
    this.#next = answer.next;
    this.#page.textContent = `Page ${pages.length + 1}`;
    this.#count.textContent = counted(answer, pages);
    enable(this.previous, pages.length > 0);
    enable(this.following, Boolean(answer.next));
    const unread = answer.unreadable ? `${answer.unreadable} more could not be read and are left out.` : "";
    this.#remarks.replaceChildren(
      ...[answer.remark, unread, psa.order].filter(Boolean).map((text) => el("p", { class: "remark" }, text)),
    );
  }

  /** Called while another page is fetched: whether that one has a next page is not known yet. */
  reset() {
    this.#next = null;
    enable(this.following, false);
  }
}
