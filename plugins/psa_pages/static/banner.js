// A strip above what is shown: what is wrong, how old the shown answer is, and when the next try comes.

import { announce, button, el } from "./dom.js";
import { icon } from "./icons.js";
import { outward } from "./outward.js";
import { clock, span } from "./time.js";

const TITLES = {
  down: "The PSA does not answer",
  slow: "The PSA is slow",
  limit: "The PSA asks to wait",
  login: "The PSA refused the login",
  rights: "A right is missing",
  gone: "This ticket is gone",
  blocked: "The PSA was not reached",
  setup: "The setup is not complete",
  answer: "The PSA's answer was not understood",
  form: "This request is not valid",
  session: "Please log in again",
  warehouse: "The warehouse does not answer",
  airflow: "No answer from Airflow",
};

const titleOf = (problem) => TITLES[problem.kind] ?? "Something went wrong";

// This address of Airflow's leads to its login page, whichever auth manager it uses.
const login = () => outward(new URL("../api/v2/auth/login", document.baseURI).href, { class: "button" }, "Log in");

export class Banner {
  #root = el("div", { class: "banner", role: "group", "aria-label": "Problem", hidden: true });
  #count = el("span", { class: "count", "aria-hidden": "true" });
  #due = () => null;
  #announced = "";

  /** `due` returns the time of the next try, `retry` tries now. */
  constructor({ due, retry }) {
    this.#due = due;
    this.retry = retry;
  }

  get node() {
    return this.#root;
  }

  /** `shownAt` is when the answer that stays on the page was fetched, if there are any. */
  show(problem, shownAt) {
    const age = shownAt ? el("p", {}, "Shown here is how it was at ", clock(shownAt), ".") : null;
    const text = el("div", { class: "message" }, el("strong", {}, titleOf(problem)), el("p", {}, problem.message), age);
    const logIn = problem.kind === "session" ? login() : null;
    const retryNow = button("Try now", () => this.retry());
    this.#root.replaceChildren(icon("warning"), text, el("div", { class: "actions" }, this.#count, logIn, retryNow));
    this.#root.hidden = false;
    this.tick();
    this.#announce(problem);
  }

  // A screen reader reads a problem once, not after every retry that fails in the same way.
  #announce(problem) {
    const text = `${titleOf(problem)}. ${problem.message}`;
    if (text !== this.#announced) announce(text, { urgent: true });
    this.#announced = text;
  }

  recovered() {
    if (this.#announced) announce("It works again.");
    this.hide();
  }

  hide() {
    this.#announced = "";
    this.#root.hidden = true;
  }

  tick() {
    if (this.#root.hidden) return;
    const due = this.#due();
    const left = due === null ? null : Math.ceil((due - Date.now()) / 1000);
    this.#count.textContent = left === null ? "" : left > 0 ? `Next try in ${span(left)}` : "Trying…";
  }
}
